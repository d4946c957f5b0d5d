import { TEXT_LIMIT_BYTES } from '../core/message.ts';

/**
 * As much of a text as a message holds, in whole characters.
 * @param why what to say at its end when something is missing
 */
export function cutText(text: string, why: string): string {
  if (Buffer.byteLength(text) <= TEXT_LIMIT_BYTES) return text;
  const note = `\n[cut here: ${why}]`;
  const room = TEXT_LIMIT_BYTES - Buffer.byteLength(note);
  return (
    new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, room)).replace(/\uFFFD$/u, '') + note
  );
}
