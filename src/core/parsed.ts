/** What was wrong with a value, where, and what to do: the three parts of every refusal a person reads. */
export interface Problem {
  /** Which value: a variable, a field path, a command argument. */
  readonly where: string;
  /** What is wrong with it. Never quotes a secret. */
  readonly what: string;
  /** What the reader can do about it. */
  readonly fix: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function problem(
  where: string,
  what: string,
  fix: string,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { where, what, fix } };
}

/** One line: `where: what. fix`. */
export function problemLine({ where, what, fix }: Problem): string {
  return `${where}: ${what}. ${fix}`;
}
