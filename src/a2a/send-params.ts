import { z } from 'zod';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import { describeIssue, member } from './envelope.ts';
import { Refusal } from './refusal.ts';

/** A map that the protocol leaves open. Nothing in it is used or passed on, our own extension apart. */
const Metadata = z.record(z.string(), z.unknown());
const Uris = z.array(z.string().max(256)).max(16);
/** Another tenant would be another address: there is one here, and it has no name. */
const Tenant = z.literal('').optional();
const Id = z.string().min(1).max(128);

const Extension = z.strictObject({
  hop: z.int().min(0).max(1000).optional(),
  ttlSeconds: z.int().min(1).max(31_536_000).optional(),
  /** These two are read by the core, as everywhere else. */
  kind: z.string().max(64).optional(),
  fields: Metadata.optional(),
});

/** Tells a text that is to be read beside the message. */
const ContextMark = z.strictObject({ context: z.literal(true) });

const Part = z
  .strictObject({
    text: z.string().optional(),
    /** Any JSON, null too: only a part without it has none. */
    data: z.unknown().optional(),
    metadata: z.looseObject({ [MESSAGE_EXTENSION]: ContextMark.optional() }).optional(),
    filename: z.literal('').optional(),
    mediaType: z.string().max(128).optional(),
  })
  .refine(({ text, data }) => (text === undefined) !== (data === undefined), 'either a text or data');
export type SentPart = z.infer<typeof Part>;

const Message = z.strictObject({
  messageId: Id,
  contextId: Id.optional(),
  taskId: Id.optional(),
  role: z.literal('ROLE_USER'),
  parts: z.array(Part).min(1).max(64),
  metadata: z.looseObject({ [MESSAGE_EXTENSION]: Extension.optional() }).optional(),
  extensions: Uris.optional(),
  referenceTaskIds: z.array(Id).max(16).optional(),
});

const Configuration = z.strictObject({
  acceptedOutputModes: z.array(z.string().max(128)).max(32).optional(),
  historyLength: z.int().min(0).optional(),
  returnImmediately: z.boolean().optional(),
});

/** `SendMessageRequest` of A2A 1.0, in its JSON form. */
const SendParams = z.strictObject({
  tenant: Tenant,
  message: Message,
  configuration: Configuration.optional(),
  metadata: Metadata.optional(),
});
export type SendParams = z.infer<typeof SendParams>;

/** `GetTaskRequest` and `CancelTaskRequest` of A2A 1.0, in their JSON form. */
const TaskParams = z.strictObject({
  tenant: Tenant,
  id: Id,
  historyLength: z.int().min(0).optional(),
  metadata: Metadata.optional(),
});
export type TaskParams = z.infer<typeof TaskParams>;

const PUSH_FIELDS = ['taskPushNotificationConfig', 'pushNotificationConfig'];
const OTHER_CONTENT = ['raw', 'url', 'file'];
const TEXT_TYPE = /^text\/[\w.+-]{1,64}(?:\s*;.{0,64})?$/i;
const JSON_TYPE = /^application\/(?:[\w.-]{1,64}\+)?json(?:\s*;.{0,64})?$/i;

function isOtherContent(part: unknown): boolean {
  const [type, filename] = [member(part, 'mediaType'), member(part, 'filename')];
  const taken = member(part, 'data') === undefined ? TEXT_TYPE : JSON_TYPE;
  const otherType = typeof type === 'string' && type !== '' && !taken.test(type);
  const isFile = typeof filename === 'string' && filename !== '';
  return isFile || otherType || OTHER_CONTENT.some((name) => member(part, name) !== undefined);
}

/** What A2A defines and this stack never does has a reason of its own, so that the sender's author understands it. */
function refuseUnserved(params: unknown): void {
  const configuration = member(params, 'configuration');
  if (PUSH_FIELDS.some((name) => member(configuration, name) !== undefined))
    throw new Refusal('push-unsupported');
  const parts = member(member(params, 'message'), 'parts');
  if (Array.isArray(parts) && parts.some(isOtherContent)) throw new Refusal('part-not-text');
}

function read<T>(schema: z.ZodType<T>, params: unknown): T {
  const result = schema.safeParse(params);
  if (!result.success) throw new Refusal('params-invalid', describeIssue(result.error, 'params'));
  return result.data;
}

/** Throws Refusal `push-unsupported`, `part-not-text` or `params-invalid`. */
export function readSendParams(params: unknown): SendParams {
  refuseUnserved(params);
  return read(SendParams, params);
}

/** Throws Refusal `params-invalid`. */
export function readTaskParams(params: unknown): TaskParams {
  return read(TaskParams, params);
}
