import { z } from 'zod';
import type { PeerAdmin } from '../ports/owner.ts';
import { expiryOf } from './duration.ts';
import { warningsOfTools, type AgentTools } from './tool-warnings.ts';
import { grantView } from './peer-views.ts';

/** What an owner says of a session that a peer may write to. */
export const inboundBody = z.strictObject({
  peer: z.string().max(128),
  alias: z.string().max(128),
  sessionKey: z.string().max(512),
  special: z.boolean().exactOptional(),
  hold: z.string().max(32).exactOptional(),
  expiresIn: z.string().max(32).exactOptional(),
  operations: z.array(z.string().max(64)).max(16).exactOptional(),
  sendsPerMinute: z.number().exactOptional(),
});

export async function giveInbound(
  admin: Pick<PeerAdmin, 'grant'>,
  gateway: AgentTools,
  { expiresIn, ...wish }: z.infer<typeof inboundBody>,
) {
  const { grant, warnings } = admin.grant({ ...wish, ...expiryOf(expiresIn) });
  const ofTools = await warningsOfTools([grant], gateway);
  return { grant: grantView(grant), warnings: [...warnings, ...ofTools] };
}
