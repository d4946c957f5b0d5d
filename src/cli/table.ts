const TEXT_COLUMNS = 48;

/** The beginning of a text, for a cell. */
export function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > TEXT_COLUMNS ? `${line.slice(0, TEXT_COLUMNS - 3)}...` : line;
}

/** Columns padded to their widest cell, two blanks between them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const format = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return all.map((row) => format(row).trimEnd()).join('\n');
}
