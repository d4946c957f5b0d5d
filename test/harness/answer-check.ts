import type { Mount } from '../../src/local-server/app.ts';
import { HEALTH } from '../../src/local-server/health.ts';
import { problem } from '../../src/local-server/answers/problem.ts';
import { BYTES, type Route } from '../../src/local-server/route.ts';

/** What a route promises. */
export type Promised = Omit<Route, 'handle'>;

export interface Given {
  readonly status: number;
  readonly headers: { readonly 'content-type'?: string | undefined };
  readonly text: string;
}

interface Listener {
  readonly routes: readonly Promised[];
  readonly mounts: readonly Pick<Mount, 'path'>[];
}

const promises = new Map<number, Listener>();

/** From now on every answer of this listener is held against what its routes promise. Mounts promise nothing here. */
export function holdToPromises(port: number, routes: readonly Promised[], mounts: Listener['mounts']): void {
  promises.set(port, { routes: [...routes, HEALTH], mounts });
}

export function fits({ path }: Pick<Promised, 'path'>, pathname: string): boolean {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname);
}

/** Null when an answer to this route is one that it promises; else what is wrong with it. */
export function brokenPromise(route: Promised | undefined, { status, headers, text }: Given): string | null {
  const type = headers['content-type'] ?? '';
  const answer = route?.answers[status];
  if (answer === BYTES) return type === 'application/octet-stream' ? null : `is ${type}, and not bytes`;
  const [wanted, schema] =
    answer === undefined ? ['application/problem+json', problem] : ['application/json', answer];
  if (!type.startsWith(wanted)) return `${status} is ${type}, and not ${wanted}`;
  const read = schema.safeParse(JSON.parse(text));
  return read.success ? null : `${status} is not as described: ${read.error.message}`;
}

/** Throws Error when the listener answers what its routes do not promise. */
export function checkAnswer(port: number, method: string, target: string, given: Given): void {
  const listener = promises.get(port);
  if (listener === undefined) return;
  const { routes, mounts } = listener;
  const [pathname = ''] = target.split('?', 1);
  if (mounts.some(({ path }) => `${pathname}/`.startsWith(`${path}/`))) return;
  const route = routes.find((one) => one.method === method && fits(one, pathname));
  const broken = brokenPromise(route, given);
  if (broken !== null) throw new Error(`${method} ${target}: ${broken}\n${given.text.slice(0, 2000)}`);
}
