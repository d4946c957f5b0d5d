import { isPlain, PLAIN, type Content } from '../core/content.ts';
import { isKind } from '../core/kinds.ts';
import { PUT_BACK, storageUnavailable } from './storage-errors.ts';

/** Null for a message that is nothing but its text, as all of the time before kinds are. */
export function writeContent(content: Content): string | null {
  return isPlain(content) ? null : JSON.stringify(content);
}

/** What `writeContent` wrote. Throws AgentPeerError `storage-unavailable` when it is something else. */
export function readContent(raw: string | null): Content {
  if (raw === null) return PLAIN;
  const content = JSON.parse(raw) as Content;
  if (isKind(content.kind)) return content;
  throw storageUnavailable('a message has content of no kind', PUT_BACK);
}
