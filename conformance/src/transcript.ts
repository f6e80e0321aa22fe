import { readdirSync, readFileSync } from 'node:fs';
import type { User } from './accounts.js';
import { ANSWER_MS, type Client } from './client.js';
import type { Context } from './context.js';
import { ScenarioFailure, Skipped } from './failure.js';
import {
  anInteger,
  anIsoTime,
  anything,
  aString,
  at,
  aTime,
  aUuid,
  difference,
  iceServers,
  isRecord,
  named,
  optional,
  type Pattern,
} from './match.js';
import type { Need, Scenario } from './scenario.js';

/**
 * Golden transcripts: a file is a conversation, a line one step of it.
 *
 *   {"title": "…", "rules": ["UP5"], "needs": ["api-key"]}    first line; with "token_seconds", it is skipped where
 *                                                             tokens live longer; with "waits_seconds", what is expected may
 *                                                             take so long
 *   {"connect": "alice", "gateway": 2}                        opens a socket; every name is a user of its own
 *   {"connect": "camera", "path": "/ws/device"}               the same at another path and without a token; who only connects so
 *                                                             is no user
 *   {"as": "alice", "send": {…}}                              the client sends this message
 *   {"as": "alice", "send_binary": {"hex": "01…", "zeros": 4}}
 *   {"as": "alice", "expect": {…}}                            the next message must be this, field by field
 *   {"as": "alice", "closed": 1000}                           the server has closed the socket, with this code
 *   {"as": "alice", "drop": true}                             the connection is lost
 *   {"post": "/notifications", "body": {…}, "status": 201}    REST with the server API key
 *   {"as": "alice", "rest": "POST /servers", "body": {…}, "status": 201, "keep": "server"}    REST as that user; the id of
 *                                                             what comes back is `{server}` from then on
 *
 * In what is expected, `<uuid>`, `<time>` (ms), `<iso>` (a time as text), `<integer>`, `<string>`, `<ice>` (ICE servers), `<any>`
 * stand for what the server makes, with a `?` before the `>` for what may be absent. `{alice}` is a user's id, `{alice.name}`
 * their name, `{alice.token}` their token, `{alice.connection}` the id of their socket, `{alice.member}` the one under which a
 * party knows them, and `{alice.session}` the `session_id` that they were told last.
 */
interface Transcript {
  readonly title: string;
  readonly rules: readonly string[];
  readonly needs: readonly Need[];
  readonly tokenSeconds: number | undefined;
  readonly waitsSeconds: number | undefined;
  readonly steps: readonly Step[];
}

type Step =
  | { readonly kind: 'connect'; readonly as: string; readonly gateway: 1 | 2; readonly path: string | undefined }
  | { readonly kind: 'send'; readonly as: string; readonly message: unknown }
  | { readonly kind: 'send-binary'; readonly as: string; readonly bytes: Buffer }
  | { readonly kind: 'expect'; readonly as: string; readonly message: unknown }
  | { readonly kind: 'closed'; readonly as: string; readonly code: number }
  | { readonly kind: 'drop'; readonly as: string }
  | {
      readonly kind: 'rest';
      readonly as: string;
      readonly call: string;
      readonly body: unknown;
      readonly status: number;
      readonly keep: string | undefined;
    }
  | { readonly kind: 'post'; readonly path: string; readonly body: unknown; readonly status: number };

/** All transcripts of a dialect as scenarios. */
export function transcriptsOf(dialect: string): readonly Scenario[] {
  const folder = new URL(`../transcripts/${dialect}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => {
      const transcript = read(readFileSync(new URL(name, folder), 'utf8'), name);
      const { title, rules, needs, steps, waitsSeconds } = transcript;
      return {
        title: `${title} (${name})`,
        rules,
        needs,
        users: namesIn(steps).length,
        ...(waitsSeconds === undefined ? {} : { waitsSeconds }),
        run: (context: Context) => play(context, transcript),
      };
    });
}

async function play(context: Context, { steps, tokenSeconds, waitsSeconds = 0 }: Transcript): Promise<void> {
  const users = new Map<string, User>();
  const clients = new Map<string, Client>();
  const words = new Map<string, string>();
  // Everyone is known from the start: a message may be for somebody who connects later.
  for (const name of namesIn(steps)) {
    const user = await context.user({ fresh: true });
    const seconds = ((user.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now()) / 1_000;
    if (tokenSeconds !== undefined && seconds > tokenSeconds)
      throw new Skipped('tokens live too long to see their end');
    users.set(name, user);
    words.set(`{${name}}`, user.id);
    words.set(`{${name}.name}`, user.name ?? '');
    words.set(`{${name}.token}`, user.token);
  }
  for (const step of steps) {
    switch (step.kind) {
      case 'connect': {
        clients.set(step.as, await open(context, users.get(step.as), step));
        break;
      }
      case 'send':
        clientOf(clients, step.as).sendText(fill(JSON.stringify(step.message), words));
        break;
      case 'send-binary':
        clientOf(clients, step.as).sendBinary(step.bytes);
        break;
      case 'expect':
        await expectExactly(
          { name: step.as, client: clientOf(clients, step.as), withinMs: answerMsOf(context) + waitsSeconds * 1_000 },
          step.message,
          words,
        );
        break;
      case 'closed':
        await clientOf(clients, step.as).expectClose(step.code);
        break;
      case 'drop':
        clientOf(clients, step.as).drop();
        break;
      case 'rest': {
        const answer = await callAs(context, users.get(step.as), step, words);
        if (step.keep !== undefined) keep(step.keep, answer, words);
        break;
      }
      case 'post':
        await context.rest.asServer('POST', step.path, step.status, JSON.parse(fill(JSON.stringify(step.body), words)));
        break;
    }
  }
}

function answerMsOf({ settings: { answerSeconds } }: Context): number {
  return answerSeconds === undefined ? ANSWER_MS : answerSeconds * 1_000;
}

function open(
  context: Context,
  user: User | undefined,
  { as, gateway, path }: Extract<Step, { readonly kind: 'connect' }>,
): Promise<Client> {
  if (path !== undefined) return context.openUrl(new URL(path, context.urlOf(gateway)).href);
  if (user === undefined) throw new Error(`nobody is called ${as}`);
  return context.open(user, { gateway });
}

async function callAs(
  context: Context,
  user: User | undefined,
  step: Extract<Step, { readonly kind: 'rest' }>,
  words: ReadonlyMap<string, string>,
): Promise<unknown> {
  if (user === undefined) throw new Error(`nobody is called ${step.as}`);
  const [method = '', path = ''] = fill(step.call, words).split(' ');
  const body: unknown = step.body === undefined ? undefined : JSON.parse(fill(JSON.stringify(step.body), words));
  return context.rest.expect(method, path, step.status, {
    bearer: user.token,
    ...(body === undefined ? {} : { body }),
  });
}

/** The id of the answer, for those that have one; `{name.host_token}` and the like are its other members that are text. */
function keep(name: string, answer: unknown, words: Map<string, string>): void {
  for (const [member, value] of isRecord(answer) ? Object.entries(answer) : []) {
    if (typeof value === 'string') words.set(`{${name}.${member}}`, value);
  }
  const id = at(answer, 'id');
  words.set(`{${name}}`, typeof id === 'string' ? id : '');
}

async function expectExactly(
  { name, client, withinMs }: { readonly name: string; readonly client: Client; readonly withinMs: number },
  message: unknown,
  words: Map<string, string>,
): Promise<void> {
  const filled: unknown = JSON.parse(fill(JSON.stringify(message), words));
  const pattern = patternOf(filled);
  // Of the same type first, so that keep-alives in between are passed over; then field by field.
  const frame = await client.expect(kindOf(filled), withinMs);
  const differing = difference(pattern, frame.json, { exact: true });
  if (differing !== undefined) throw new ScenarioFailure(`${name} was told otherwise: ${differing}`, frame.text);
  const connection = /"connection(?:_id|Id)":"([^"]+)"/.exec(frame.text)?.[1];
  const word = `{${name}.connection}`;
  // The first that a client is told is its own.
  if (connection !== undefined && !words.has(word)) words.set(word, connection);
  const member = /"clientId":"([^"]+)"/.exec(frame.text)?.[1];
  if (member !== undefined) words.set(`{${name}.member}`, member);
  const session = /"session_id":"([^"]+)"/.exec(frame.text)?.[1];
  if (session !== undefined) words.set(`{${name}.session}`, session);
}

/** The members that say what a message is, and of whom, whatever the dialect. */
function kindOf(message: unknown): Pattern {
  if (!isRecord(message)) return anything;
  const kind = Object.entries(message).filter(([member]) => ['type', 'op', 't'].includes(member));
  const user = at(message, 'd.user_id');
  return {
    ...Object.fromEntries(kind.map(([member, value]) => [member, patternOf(value)])),
    ...(typeof user === 'string' ? { d: { user_id: patternOf(user) } } : {}),
  };
}

const placeholders: Readonly<Record<string, Pattern>> = {
  uuid: aUuid,
  time: aTime,
  iso: anIsoTime,
  integer: anInteger,
  string: aString,
  any: anything,
  ice: iceServers,
  checksum: named('sha256', (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)),
};

function patternOf(value: unknown): Pattern {
  if (typeof value === 'string') {
    const [, name, maybe] = /^<(\w+)(\??)>$/.exec(value) ?? [];
    if (name === undefined) return value;
    const pattern = placeholders[name];
    if (pattern === undefined) throw new Error(`there is no placeholder ${value}`);
    return maybe === '' ? pattern : optional(pattern);
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((inner) => patternOf(inner));
  if (!isRecord(value)) throw new Error('a transcript is JSON');
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, patternOf(inner)]));
}

function fill(text: string, words: ReadonlyMap<string, string>): string {
  return text.replace(/\{[a-z][\w.]*\}/g, (word) => words.get(word) ?? word);
}

function clientOf(clients: ReadonlyMap<string, Client>, name: string): Client {
  const client = clients.get(name);
  if (client === undefined) throw new Error(`${name} is not connected`);
  return client;
}

/** Who connects, and whose ids are spoken of. */
function namesIn(steps: readonly Step[]): readonly string[] {
  const kept = new Set(steps.flatMap((step) => (step.kind === 'rest' && step.keep !== undefined ? [step.keep] : [])));
  const names = steps.flatMap((step) => {
    if (step.kind === 'rest' || (step.kind === 'connect' && step.path === undefined)) return [step.as];
    const text =
      step.kind === 'post' ? JSON.stringify(step.body ?? '') : 'message' in step ? JSON.stringify(step.message) : '';
    return [...text.matchAll(/\{([a-z]+)\}/g)].map(([, name = '']) => name);
  });
  return [...new Set(names)].filter((name) => !kept.has(name));
}

function read(text: string, file: string): Transcript {
  const [head, ...rest] = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => JSON.parse(line));
  if (!isRecord(head) || typeof head['title'] !== 'string') throw new Error(`${file}: the first line has a title`);
  return {
    title: head['title'],
    rules: strings(head['rules']),
    waitsSeconds: typeof head['waits_seconds'] === 'number' ? head['waits_seconds'] : undefined,
    tokenSeconds: typeof head['token_seconds'] === 'number' ? head['token_seconds'] : undefined,
    needs: strings(head['needs']).flatMap((need) => (isNeed(need) ? [need] : [])),
    steps: rest.map((line) => stepOf(line, file)),
  };
}

function stepOf(line: unknown, file: string): Step {
  if (isRecord(line)) {
    const { connect, as, send, expect, post, body, status, send_binary: binary, rest, keep, closed } = line;
    if (typeof connect === 'string') return connectStep(connect, line);
    if (typeof post === 'string')
      return { kind: 'post', path: post, body, status: typeof status === 'number' ? status : 201 };
    if (typeof as === 'string' && typeof rest === 'string') {
      return {
        kind: 'rest',
        as,
        call: rest,
        body,
        status: typeof status === 'number' ? status : 200,
        keep: typeof keep === 'string' ? keep : undefined,
      };
    }
    if (typeof as === 'string' && typeof closed === 'number') return { kind: 'closed', as, code: closed };
    if (typeof as === 'string' && line['drop'] === true) return { kind: 'drop', as };
    if (typeof as === 'string' && send !== undefined) return { kind: 'send', as, message: send };
    if (typeof as === 'string' && expect !== undefined) return { kind: 'expect', as, message: expect };
    if (typeof as === 'string' && isRecord(binary)) return { kind: 'send-binary', as, bytes: bytesOf(binary) };
  }
  throw new Error(`${file}: not a step: ${JSON.stringify(line)}`);
}

function connectStep(as: string, { gateway, path }: Record<string, unknown>): Step {
  return { kind: 'connect', as, gateway: gateway === 2 ? 2 : 1, path: typeof path === 'string' ? path : undefined };
}

function bytesOf({ hex, zeros }: Record<string, unknown>): Buffer {
  const head = Buffer.from(typeof hex === 'string' ? hex : '', 'hex');
  return Buffer.concat([head, Buffer.alloc(typeof zeros === 'number' ? zeros : 0)]);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function isNeed(need: string): need is Need {
  return ['rest', 'api-key', 'second-gateway', 'listeners', 'echo', 'loundsync'].includes(need);
}
