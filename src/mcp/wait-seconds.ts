import { z } from 'zod';

/** Clients of MCP give up a call after 60 seconds if nobody told them otherwise, and then the model never sees the id. */
const DEFAULT_SECONDS = 30;
const MOST_SECONDS = 120;

export const waitSeconds = z
  .number()
  .min(0)
  .max(MOST_SECONDS)
  .default(DEFAULT_SECONDS)
  .meta({
    description: `How long to wait for the reply, 0 to ${MOST_SECONDS}. More than 50 only when your client allows calls that long`,
    examples: [DEFAULT_SECONDS, 0],
  });
