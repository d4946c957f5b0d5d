import type { z } from 'zod';
import { PLAIN } from '../core/content.ts';
import { secretsIn } from '../core/secret-words.ts';
import type { HeldItem } from '../ports/holds.ts';
import type { held, heldLine } from './answers/held.ts';
import { at } from './instants.ts';

export type HeldLineView = z.infer<typeof heldLine>;
export type HeldView = z.infer<typeof held>;

const EXCERPT_CHARACTERS = 200;

function excerptOf({ text, reply }: HeldItem): string {
  return (reply ?? text).slice(0, EXCERPT_CHARACTERS).toWellFormed();
}

function aboutOf(item: HeldItem) {
  return {
    id: item.id,
    direction: item.direction,
    what: item.what,
    place: item.place,
    reason: item.reason,
    peer: item.peer,
    alias: item.alias,
    conversation: item.conversation,
    kind: item.content.kind,
    since: at(item.since),
    until: at(item.until),
  };
}

/** For the owner alone, as all of this: one of many, with the beginning of what is to be looked at. */
export function heldLineView(item: HeldItem): HeldLineView {
  return { ...aboutOf(item), excerpt: excerptOf(item) };
}

/** With all that there is to look at. */
export function heldView(item: HeldItem): HeldView {
  const { text, reply, content } = item;
  const secrets = reply === null ? secretsIn(text, content) : secretsIn(reply, PLAIN);
  return { ...aboutOf(item), text, reply, fields: content.fields, context: content.context, secrets };
}
