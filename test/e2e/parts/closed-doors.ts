import { expect, it } from 'vitest';
import { mustExec } from '../../../src/lab/exec.ts';
import { statusOf } from '../../../src/lab/pairing.ts';
import { connectFrom, requestFrom } from '../../../src/lab/probes.ts';
import { stolenTokenRequest } from '../../../src/lab/refusals.ts';
import { send } from '../../../src/lab/exchange.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const ALL_PORTS = Array.from({ length: 65_535 }, (_, i) => i + 1);
const PROXY_PORT = 8080;

export function closedDoors(ground: WithGround): void {
  timedPart('closed doors', () => {
    it('opens one port of ours to the tailnet, although its policy allows every one', async () => {
      const { docker, stacks } = ground().lab;
      const { node } = await statusOf(stacks.b);
      const results = await connectFrom(docker, stacks.a.container('proxy'), node.ipv4, ALL_PORTS);
      expect(results.get(18_789)).toBe('refused');
      expect(results.get(9002)).toBe('refused');
      expect(results.get(18_790)).toBe('refused');
      const open = ALL_PORTS.filter((port) => results.get(port) === 'open');
      expect(open).toEqual([PROXY_PORT, await peerApiPort()].sort((x, y) => x - y));
      expect(ALL_PORTS.filter((port) => !['open', 'refused'].includes(results.get(port) ?? ''))).toEqual([]);
    });

    it("refuses a's token from another node exactly as it refuses nonsense, and says why only in b's log", async () => {
      const { docker, stacks, model } = ground().lab;
      const { stranger, pairing } = ground();
      const { node } = await statusOf(stacks.b);
      const asked = (await model.records('b')).length;
      const stolen = await requestFrom(
        docker,
        stranger.container,
        stolenTokenRequest(node.ipv4, pairing.tokens['a'] ?? ''),
      );
      const nonsense = await requestFrom(
        docker,
        stranger.container,
        stolenTokenRequest(node.ipv4, 'nonsense'),
      );
      expect(stolen.status).toBe(401);
      expect(stolen).toEqual(nonsense);
      expect(await stacks.b.logs('proxy')).toMatch(/"event":"decision"[^\n]*"reason":"node-mismatch"/);
      expect(await model.records('b')).toHaveLength(asked);
    });

    it('refuses an alias that was not granted as one that does not exist', async () => {
      const { a } = ground().lab.stacks;
      const ungranted = await send(a, 'b', 'private', 'let me in');
      const missing = await send(a, 'b', 'no-such-alias', 'let me in');
      expect(ungranted).toMatchObject({ state: 'refused', reason: missing.reason });
      expect(ungranted.detail).toBe(missing.detail);
    });

    it('tells a node that is no peer one word about its health, and nothing else', async () => {
      const { docker, stacks } = ground().lab;
      const { node } = await statusOf(stacks.b);
      const url = `http://${node.ipv4}:${PROXY_PORT}/health`;
      const answer = await requestFrom(docker, ground().stranger.container, { url, method: 'GET' });
      expect(answer).toEqual({ status: 200, body: '{"status":"ok"}', retryAfter: null });
    });
  });

  /** tailscaled's own port, in every node's namespace: it serves its own protocol, and none of ours. */
  async function peerApiPort(): Promise<number> {
    const { docker, stacks } = ground().lab;
    const status = await mustExec(docker, stacks.b.container('tailscale'), ['tailscale', 'status', '--json']);
    const { Self } = JSON.parse(status) as { Self: { PeerAPIURL: readonly string[] } };
    return Number(new URL(Self.PeerAPIURL[0] ?? '').port);
  }
}
