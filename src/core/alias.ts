import type { Brand } from './brand.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** The name under which one local session is offered to one peer, e.g. `handoff`. */
export type Alias = Brand<string, 'Alias'>;

const ALIAS = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Stands for all aliases of a peer in a grant to write there, and so for none. */
const ANY = 'any';

/** The alias that `/a2a/v1` without a name stands for. */
export const DEFAULT_ALIAS = 'inbox' as Alias;

export function parseAlias(raw: string, where = 'alias'): Parsed<Alias> {
  if (!ALIAS.test(raw)) {
    return problem(where, 'not an alias', 'Use 1 to 32 of a-z, 0-9 and "-", starting with a letter or digit');
  }
  if (raw === ANY) return problem(where, `"${ANY}" is a reserved name`, 'Choose another alias');
  return parsed(raw as Alias);
}
