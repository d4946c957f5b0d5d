/** Everything that a terminal, or an editor, begins a new line at. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** Somebody's words with a mark before each line: none of their lines can pass for one of ours. */
export function quoted(text: string): readonly string[] {
  return text.split(LINE_END).map((line) => `  | ${line}`);
}
