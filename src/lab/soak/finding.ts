/** What must not be. */
export interface Finding {
  readonly kind:
    | 'too-few'
    | 'not-stored'
    | 'lost'
    | 'doubled'
    | 'stray'
    | 'changed'
    | 'wrong-reply'
    | 'not-final'
    | 'not-answered'
    | 'unexplained-uncertain'
    | 'out-of-order';
  readonly detail: string;
}

const SHOWN = 60;

export const short = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);

export function finding(
  kind: Finding['kind'],
  message: { readonly id: string; readonly text: string },
  why: string,
): Finding {
  return { kind, detail: `"${short(message.text)}" (${message.id}): ${why}` };
}
