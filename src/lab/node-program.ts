/**
 * The command that runs a program in a container's Node, with all of its stdin in `stdin`. That is read as a stream: the
 * engine's pipe never blocks, so a synchronous read fails when the program is faster than what it is given.
 * @param program statements in CommonJS
 */
export function nodeProgram(program: string): readonly string[] {
  const script = `require('node:stream/consumers').text(process.stdin).then((stdin) => {${program}\n});`;
  return ['node', '--disable-warning=ExperimentalWarning', '-e', script];
}
