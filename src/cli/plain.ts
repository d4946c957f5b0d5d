/** Everything that moves a cursor, rings or colours, and marks that turn the reading direction; not tab and newline. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text as a terminal may show it. A peer's words can carry escape sequences that rewrite the screen, the title or, in
 * some terminals, the clipboard. For terminals only: a script or a file gets the words as they came.
 */
export function plain(text: string): string {
  return text.replaceAll(CONTROL, '\ufffd');
}
