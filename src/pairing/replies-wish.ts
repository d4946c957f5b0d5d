import { BY_TASK, GATEWAY_PORT, isReplyMode, REPLY_MODES, type Replies } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { RepliesWish } from '../ports/owner.ts';

function invalid(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('input-invalid', what, fix);
}

/** Throws AgentPeerError `input-invalid`. */
export function readReplies({ mode, port }: RepliesWish): Replies {
  if (!isReplyMode(mode)) throw invalid(`"${mode}" is no reply mode`, `Use ${REPLY_MODES.join(' or ')}`);
  if (mode === 'task') {
    if (port === undefined) return BY_TASK;
    throw invalid(
      'every stack listens on the same port, so a peer of mode task has none of its own',
      'Leave --port out; or is it an OpenClaw without agent-peer: --reply-mode send-back',
    );
  }
  const own = port ?? GATEWAY_PORT;
  if (Number.isInteger(own) && own >= 1 && own <= 65_535) return { mode, port: own };
  throw invalid('that is no port', `Use a number from 1 to 65535; without it ${GATEWAY_PORT} is meant`);
}
