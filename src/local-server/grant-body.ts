import { z } from 'zod';
import { GRANT_OPERATIONS, HOLDS } from '../core/grant.ts';
import type { PeerAdmin } from '../ports/owner.ts';
import { expiryOf } from './duration.ts';
import { warningsOfTools, type AgentTools } from './tool-warnings.ts';
import { grantView, type GrantView } from './peer-views.ts';

/** Words that the core reads, and says what is wrong with. */
export const holdWord = z
  .string()
  .max(32)
  .meta({ examples: [...HOLDS] });
export const durationWord = z
  .string()
  .max(32)
  .meta({ examples: ['7d'] });
const operationWord = z
  .string()
  .max(64)
  .meta({ examples: [...GRANT_OPERATIONS] });

/** What an owner says of a session that a peer may write to. */
export const inboundBody = z.strictObject({
  peer: z.string().max(128),
  alias: z.string().max(128),
  sessionKey: z.string().max(512),
  special: z.boolean().exactOptional(),
  hold: holdWord.exactOptional(),
  expiresIn: durationWord.exactOptional(),
  operations: z.array(operationWord).max(16).exactOptional(),
  sendsPerMinute: z.number().exactOptional(),
});

export async function giveInbound(
  admin: Pick<PeerAdmin, 'grant'>,
  gateway: AgentTools,
  { expiresIn, ...wish }: z.infer<typeof inboundBody>,
): Promise<{ readonly grant: GrantView; readonly warnings: readonly string[] }> {
  const { grant, warnings } = admin.grant({ ...wish, ...expiryOf(expiresIn) });
  const ofTools = await warningsOfTools([grant], gateway);
  return { grant: grantView(grant), warnings: [...warnings, ...ofTools] };
}
