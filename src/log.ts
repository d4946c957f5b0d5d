/** Operator log: one JSON object a line on stdout, where Docker keeps it. Fields only; never a secret, never a text. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

type Write = (line: string) => void;

const stdout: Write = (line) => void process.stdout.write(line);

export function createLog(write: Write = stdout, now: () => number = Date.now): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...fields })}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
