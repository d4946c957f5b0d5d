import { styleText } from 'node:util';
import type { Io } from './io.ts';

type Style = 'bold' | 'green' | 'red' | 'yellow';
export type Paint = (style: Style, text: string) => string;

/** What can move a cursor and show colours, with somebody before it. */
export function isLively({ env }: Pick<Io, 'env'>, stream: NodeJS.WriteStream): boolean {
  const { TERM: kind = 'dumb' } = env;
  return stream.isTTY && kind !== 'dumb';
}

/** Colours for a terminal whose owner does not say otherwise (no-color.org), and nothing for all else. */
export function painter(io: Pick<Io, 'env'>, stream: NodeJS.WriteStream): Paint {
  const { NO_COLOR: refusal = '' } = io.env;
  if (refusal !== '' || !isLively(io, stream)) return (_style, text) => text;
  // What this process is connected to is no matter here: it was asked above.
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** In characters; null where a line may be as long as it likes. */
export function widthOf({ env }: Pick<Io, 'env'>, stream: NodeJS.WriteStream): number | null {
  if (!stream.isTTY) return null;
  const told = stream.columns > 0 ? stream.columns : Number(env['COLUMNS']);
  return Number.isInteger(told) && told > 0 ? told : null;
}
