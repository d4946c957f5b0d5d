/** What a terminal draws two columns wide: Chinese, Japanese, Korean, emoji. Rather too many than a line that does not fit. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe0f\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ASCII = /^[\x20-\x7e]*$/;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** As a person counts them: with what stands on them. */
export const charactersOf = (text: string): readonly string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment);

const columnsOf = (character: string) => (WIDE.test(character) ? 2 : 1);

/** In columns of a terminal. */
export function cellWidth(text: string): number {
  return ASCII.test(text)
    ? text.length
    : charactersOf(text).reduce((sum, character) => sum + columnsOf(character), 0);
}

/** In whole characters, with blanks behind it up to the width; `…` at its end when something is missing. */
export function fitCell(text: string, width: number): string {
  const own = cellWidth(text);
  if (own <= width) return text + ' '.repeat(width - own);
  let kept = '';
  let columns = 0;
  for (const character of charactersOf(text)) {
    if (columns + columnsOf(character) >= width) break;
    columns += columnsOf(character);
    kept += character;
  }
  return `${kept}…${' '.repeat(width - columns - 1)}`;
}
