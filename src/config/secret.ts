import { inspect } from 'node:util';

/** A secret that shows itself only when asked: printed, inspected or turned into JSON it says `[secret]`. */
export interface Secret {
  reveal(): string;
  toString(): string;
}

const HIDDEN = '[secret]';

export function createSecret(value: string): Secret {
  const hidden = () => HIDDEN;
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden, [inspect.custom]: hidden });
}
