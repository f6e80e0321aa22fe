import type { ReceivedEvent } from '@parley/bus';
import { joinEnvelope, newUserId, ok, presenceChanged, type ConnectionId, type UserId } from '@parley/contracts';
import { encoder, encoders, textFrame, type Dialect, type Route } from '@parley/dialects';
import { expect, test } from 'vitest';
import { Routing } from './routing.js';
import { Subscriptions } from './subscriptions.js';
import { plainDialect, RecordingReceiver } from './testing.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Lookup {
  readonly ids: readonly string[];
  answer(map: Record<string, readonly string[]> | undefined): void;
}

/** A dialect that routes presence as a test says, over a bus that the test plays. */
async function rig() {
  let encodings = 0;
  const lookups: Lookup[] = [];
  const route: Route = {
    subject: 'evt.presence.*',
    forgottenOn: 'evt.membership.*',
    lookup: (_caller, ids) =>
      new Promise((resolve) => {
        lookups.push({
          ids,
          answer: (map) => {
            resolve(map === undefined ? undefined : new Map(Object.entries(map)));
          },
        });
      }),
  };
  const dialect: Dialect = {
    ...plainDialect,
    routes: [route],
    encoders: encoders(
      encoder(presenceChanged, ({ payload }) => {
        encodings += 1;
        const except = payload.by === undefined ? {} : { except: payload.by };
        return { frames: [textFrame(payload.status)], delivery: { class: 'newest', key: payload.userId }, ...except };
      }),
    ),
  };
  const handlers = new Map<string, (event: ReceivedEvent) => void>();
  const subscriptions = new Subscriptions({
    bus: {
      subscribe: (subject, handler) => {
        handlers.set(subject, handler);
        return { subject, unsubscribe: () => handlers.delete(subject) };
      },
      position: () => Promise.resolve(ok(0)),
      epoch: () => 'first',
      read: () => Promise.resolve(ok({ events: [], more: false, firstSequence: 1 })),
    },
    keptPerSubject: { EVENTS: 1_000, TOPICS: 1_000 },
    receipt: () => undefined,
    measured: () => undefined,
    repaired: () => undefined,
    lost: () => undefined,
  });
  const dropped: number[] = [];
  const unused = () => {
    throw new Error('not asked in these tests');
  };
  const routing = new Routing(dialect, route, {
    caller: { call: unused, callExtension: unused, receipts: unused, remember: unused, recall: unused },
    listen: (subject, listener) => subscriptions.listen(subject, listener),
    deliverTo: (subjects, to, event) => {
      subscriptions.deliverTo(subjects, to, event);
    },
    dropped: (_subject, events) => dropped.push(events),
  });
  await routing.start();
  let sequence = 0;
  const last = new Map<string, number>();
  const publish = (subject: string, id: string, payload: object) => {
    sequence += 1;
    const concrete = subject.replace('*', id);
    handlers.get(subject)?.({
      subject: concrete,
      kind: concrete.split('.')[1] ?? '',
      id,
      sequence,
      previous: last.get(concrete) ?? 0,
      storedAt: 0,
      data: joinEnvelope(payload),
      receiptsTo: undefined,
      traceparent: undefined,
    });
    last.set(concrete, sequence);
  };
  return {
    dialect,
    lookups,
    dropped,
    encodings: () => encodings,
    presence: (userId: UserId, status: string, by?: ConnectionId) => {
      publish('evt.presence.*', userId, {
        userId,
        status,
        lastSeen: 1,
        metadata: {},
        ...(by === undefined ? {} : { by }),
      });
    },
    membership: (userId: UserId) => {
      publish('evt.membership.*', userId, { userId });
    },
    member: async (...subjects: string[]) => {
      const receiver = new RecordingReceiver(dialect);
      const joined = await subscriptions.join(
        receiver,
        subjects.map((subject) => ({ subject })),
      );
      if (joined.ok) joined.value.release();
      return receiver;
    },
  };
}

const servers = (count: number) => Array.from({ length: count }, (_, i) => `evt.server.${String(i)}`);

test('a user in 100 servers changes status: one question, one encoding, one frame per connection', async () => {
  const { member, presence, lookups, encodings } = await rig();
  const user = newUserId();
  const all = servers(100);
  const everywhere = await Promise.all(Array.from({ length: 20 }, () => member(...all)));
  const somewhere = await Promise.all(all.map((subject) => member(subject)));
  const elsewhere = await member('evt.server.other');
  presence(user, 'idle');
  await turn();
  expect(lookups.map(({ ids }) => ids)).toEqual([[user]]);
  lookups[0]?.answer({ [user]: all });
  await turn();
  await turn();
  expect(encodings()).toBe(1);
  for (const receiver of [...everywhere, ...somewhere]) expect(receiver.texts).toEqual(['idle']);
  expect(elsewhere.texts).toEqual([]);
  presence(user, 'dnd');
  await turn();
  expect(lookups).toHaveLength(1);
  expect(everywhere[0]?.texts).toEqual(['idle', 'dnd']);
});

test('what comes while it is being asked keeps its order, and is asked about together', async () => {
  const { member, presence, lookups } = await rig();
  const [a, b] = [newUserId(), newUserId()];
  const receiver = await member('evt.server.0');
  presence(a, 'idle');
  presence(b, 'online');
  presence(a, 'dnd');
  await turn();
  presence(a, 'offline');
  expect(lookups.map(({ ids }) => ids)).toEqual([[a, b]]);
  lookups[0]?.answer({ [a]: ['evt.server.0'], [b]: ['evt.server.0'] });
  await turn();
  await turn();
  expect(receiver.texts).toEqual(['idle', 'dnd', 'offline', 'online']);
});

test('a change of membership is noticed, also while the answer is on its way', async () => {
  const { member, presence, membership, lookups } = await rig();
  const user = newUserId();
  const receiver = await member('evt.server.new');
  presence(user, 'idle');
  await turn();
  membership(user);
  lookups[0]?.answer({ [user]: [] });
  await turn();
  await turn();
  presence(user, 'dnd');
  await turn();
  expect(lookups).toHaveLength(2);
  lookups[1]?.answer({ [user]: ['evt.server.new'] });
  await turn();
  await turn();
  expect(receiver.texts).toEqual(['dnd']);
});

test('the connection that caused it is not told', async () => {
  const { member, presence, lookups } = await rig();
  const user = newUserId();
  const [own, other] = [await member('evt.server.0'), await member('evt.server.0')];
  presence(user, 'idle', own.id);
  await turn();
  lookups[0]?.answer({ [user]: ['evt.server.0'] });
  await turn();
  await turn();
  expect(own.texts).toEqual([]);
  expect(other.texts).toEqual(['idle']);
});

test('asks again when nobody could say', async () => {
  const { member, presence, lookups } = await rig();
  const user = newUserId();
  const receiver = await member('evt.server.0');
  const received = new Promise((resolve) => receiver.once('text', resolve));
  presence(user, 'idle');
  await turn();
  lookups[0]?.answer(undefined);
  await expect.poll(() => lookups.length).toBe(2);
  lookups[1]?.answer({ [user]: ['evt.server.0'] });
  await received;
  expect(receiver.texts).toEqual(['idle']);
});
