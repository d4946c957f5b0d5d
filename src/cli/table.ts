import { cellWidth, charactersOf, fitCell } from './cell-width.ts';
import { plain } from './plain.ts';
import type { Paint } from './terminal.ts';

/** Rows under a head; how they look is decided where they are printed. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The column that a script goes on with; null where it wants the rows. */
  readonly key: number | null;
}

const TEXT_COLUMNS = 48;
const GAP = '  ';
/** Less of a cell says nothing. */
const NARROWEST = 6;

/** The beginning of a text, for a cell. */
export function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const characters = charactersOf(line);
  return characters.length > TEXT_COLUMNS ? `${characters.slice(0, TEXT_COLUMNS - 3).join('')}...` : line;
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  key: number | null = null,
): Table {
  return { head, rows, key };
}

function widthsOf({ head, rows }: Table): number[] {
  return head.map((_, column) => Math.max(...[head, ...rows].map((row) => cellWidth(row[column] ?? ''))));
}

/** The widest columns give way first, until all fit or none can give more. */
function fitted(widths: readonly number[], width: number): readonly number[] {
  const fit = [...widths];
  const room = width - GAP.length * (fit.length - 1);
  for (let over = fit.reduce((sum, one) => sum + one, 0) - room; over > 0; over -= 1) {
    const widest = fit.indexOf(Math.max(...fit));
    const now = fit[widest] ?? 0;
    if (now <= NARROWEST) break;
    fit[widest] = now - 1;
  }
  return fit;
}

function linesOf({ head, rows }: Table, widths: readonly number[]): readonly (readonly string[])[] {
  return [head, ...rows].map((row) => row.map((cell, column) => fitCell(cell, widths[column] ?? 0)));
}

const joined = (cells: readonly string[]) => cells.join(GAP).trimEnd();

/** Columns padded to their widest cell, two blanks between them; nothing is cut, and nothing coloured. */
export function tableText(all: Table): string {
  return linesOf(all, widthsOf(all)).map(joined).join('\n');
}

const STYLES = new Map([
  ...['active', 'answered', 'replied', 'allow', 'open'].map((word) => [word, 'green'] as const),
  ...['refused', 'failed', 'expired', 'revoked', 'deny'].map((word) => [word, 'red'] as const),
  ...['held', 'reply-held', 'uncertain', 'paused', 'provisional'].map((word) => [word, 'yellow'] as const),
]);
/** A word for how something stands, in its colour. */
export function stateOnScreen(word: string, paint: Paint): string {
  const style = STYLES.get(word.trim());
  return style === undefined ? word : paint(style, word);
}

const COLOURED = ['STATE', 'DECISION'];

/** As a terminal of this width shows it, without what could steer the terminal. */
export function tableOnScreen(raw: Table, width: number | null, paint: Paint): string {
  const all = { ...raw, rows: raw.rows.map((row) => row.map(plain)) };
  const widths = width === null ? widthsOf(all) : fitted(widthsOf(all), width);
  const [head = [], ...rows] = linesOf(all, widths);
  const coloured = rows.map((row) =>
    row.map((cell, column) =>
      COLOURED.includes(all.head[column] ?? '') ? stateOnScreen(cell, paint) : cell,
    ),
  );
  return [paint('bold', joined(head)), ...coloured.map(joined)].join('\n');
}

/** For a script that wants the things themselves. */
export function tableKeys({ head, rows, key }: Table): string {
  if (key !== null) return rows.map((row) => row[key] ?? '').join('\n');
  return tableText({ head, rows, key }).split('\n').slice(1).join('\n');
}
