import {
  defineEvent,
  newConnectionId,
  newLoginId,
  newUserId,
  ok,
  type ConnectionId,
  type Outcome,
} from '@parley/contracts';
import { send, textFrame, type Commands, type Dialect, type EmitCommand, type Login } from '@parley/dialects';
import { Type } from '@sinclair/typebox';
import { afterEach, expect, test } from 'vitest';
import type { Verdict } from '../login/presence-reporter.js';
import { ALTERNATIVE } from '../outbound/outgoing.js';
import { partsEvent, scripted, subscriptionsRig } from '../outbound/testing.js';
import { LocalBus } from '../testing/local-bus.js';
import { socketPair } from '../testing/socket-pair.js';
import { Dispatch } from './dispatch.js';

const SUBJECT = 'evt.topic.a';
const news = defineEvent('news', { channel: 'live', payload: Type.Object({}) });
const login: Login = { userId: newUserId(), loginId: newLoginId(), username: 'ada', expiresAt: Date.now() + 60_000 };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function rig(dialect: Dialect = scripted(), verdict: Verdict = 'accepted') {
  const pair = await socketPair({ dialect });
  cleanups.push(() => {
    pair.close();
  });
  const subscriptions = subscriptionsRig();
  const admitted: { login: Login; replaces: ConnectionId | undefined }[] = [];
  const emitted: EmitCommand[] = [];
  const dispatch = new Dispatch({
    bus: new LocalBus([]),
    subscriptions: subscriptions.subscriptions,
    verify: () => ok(login),
    admit: (connection, given, replaces) => {
      connection.ownedBy(given);
      admitted.push({ login: given, replaces });
      return Promise.resolve(verdict);
    },
    renewed: () => undefined,
    emit: (_connection, command) => emitted.push(command),
    failed: () => undefined,
  });
  const texts: string[] = [];
  pair.client.on('message', (data: Buffer) => texts.push(data.toString()));
  return { ...pair, ...subscriptions, dispatch, admitted, emitted, texts };
}

function text(words: string): Commands {
  return [send(textFrame(words))];
}

test('what is skipped while joining is not sent when the join is done, and frames keep their places', async () => {
  const { connection, dispatch, handlers, texts } = await rig();
  const arrived = (sequence: number): void => {
    handlers.get(SUBJECT)?.(partsEvent('a', sequence, [{ text: `event ${String(sequence)}` }]));
  };
  await dispatch.execute(connection, [
    {
      kind: 'join',
      requests: [{ subject: SUBJECT }],
      then: () => [
        {
          kind: 'call',
          perform: () => {
            // Before the service answers, with a state that holds the first two of them.
            for (const sequence of [1, 2, 3]) arrived(sequence);
            return Promise.resolve([...text('joined'), { kind: 'skip', subject: SUBJECT, upTo: 2 } as const]);
          },
        },
      ],
    },
  ]);
  arrived(4);
  await expect.poll(() => texts).toEqual(['joined', 'event 3', 'event 4']);
});

test('who prefers binary frames gets events in them from then on', async () => {
  const { client, connection, dispatch, handlers } = await rig();
  const heard: [string, boolean][] = [];
  client.on('message', (data: Buffer, binary) => heard.push([data.toString(), binary]));
  await dispatch.execute(connection, [
    { kind: 'join', requests: [{ subject: SUBJECT }], then: () => [] },
    { kind: 'prefer-alternative' },
  ]);
  expect(connection.form).toBe(ALTERNATIVE);
  handlers.get(SUBJECT)?.(partsEvent('a', 1, [{ text: 'a', binary: 'A' }, { text: 'b' }]));
  await expect
    .poll(() => heard)
    .toEqual([
      ['A', true],
      ['b', false],
    ]);
});

test('news is handed on, and what follows it does not wait', async () => {
  const { connection, dispatch, emitted, texts } = await rig();
  const published: string[] = [];
  const command: EmitCommand = {
    kind: 'emit',
    key: 'cursor',
    everyMs: 16.67,
    publish: (emitter) => {
      emitter.emit(news, 'a', {});
    },
  };
  expect(dispatch.execute(connection, [command, ...text('after')])).toBeUndefined();
  expect(emitted).toEqual([command]);
  emitted[0]?.publish({ emit: (definition, id) => published.push(definition.subject(id)) });
  expect(published).toEqual(['evt.news.a']);
  await expect.poll(() => texts).toEqual(['after']);
});

test('a login that comes in the place of another says so', async () => {
  const { connection, dispatch, admitted } = await rig();
  const replaces = newConnectionId();
  const outcomes: Outcome<void>[] = [];
  const then = (outcome: Outcome<void>): Commands => {
    outcomes.push(outcome);
    return [];
  };
  await dispatch.execute(connection, [{ kind: 'log-in', login, replaces, then }]);
  expect(admitted).toEqual([{ login, replaces }]);
  expect(outcomes).toEqual([ok(undefined)]);
});

test('a login beyond the limit is told so, and is not logged in', async () => {
  const { connection, dispatch } = await rig(scripted(), 'refused');
  const codes: string[] = [];
  const then = (outcome: Outcome<void>): Commands => {
    if (!outcome.ok) codes.push(outcome.error.code);
    return [];
  };
  await dispatch.execute(connection, [{ kind: 'log-in', login, then }]);
  expect(codes).toEqual(['limit_exceeded']);
});
