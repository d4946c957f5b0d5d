import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, wordsIn } from '../../src/lab/scripted-model.ts';
import { startFakeGateway, type FakeReply } from './fake-gateway.ts';
import type { ScriptTarget } from './gateway-script.ts';

/** Answers as the lab's scripted model does, so that a fake and a real gateway can be compared. */
async function scriptedReply(text: string, pace: number): Promise<FakeReply> {
  const words = wordsIn(text);
  const seconds = /wait (\d+) seconds/.exec(words)?.[1];
  if (seconds !== undefined) await sleep(Number(seconds) * 1000 * pace, undefined, { ref: false });
  return words.includes('fail please') ? { fails: true } : answerTo('a', text);
}

/** The fake as what `startRealGateway` gives. @param pace shortens the model's waits. */
export async function startFakeTarget(
  pace = 1,
): Promise<ScriptTarget & { readonly end: () => Promise<void> }> {
  let asked = 0;
  const reply = (text: string): Promise<FakeReply> => {
    asked += 1;
    return scriptedReply(text, pace);
  };
  const fake = await startFakeGateway({ reply });
  const { url, sharedToken, approve, removeDevice, crash, start } = fake;
  return {
    url,
    sharedToken,
    approve: (requestId) => {
      approve(requestId);
      return Promise.resolve();
    },
    remove: (deviceId) => {
      removeDevice(deviceId);
      return Promise.resolve();
    },
    change: (sessionKey, how) => {
      if (how === 'reset') fake.resetSession(sessionKey);
      else if (how === 'compact') fake.compactSession(sessionKey);
      else if (how === 'delete') fake.deleteSession(sessionKey);
      else fake.shortenSession(sessionKey, how.keepRows);
      return Promise.resolve();
    },
    asked: () => Promise.resolve(asked),
    kill: crash,
    start,
    end: crash,
  };
}
