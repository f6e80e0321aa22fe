import { connectBus, type Bus } from '@parley/bus';
import {
  newMessageId,
  topicMessage,
  type MessageId,
  type Topic,
  Topic as TopicSchema,
  compile,
} from '@parley/contracts';
import { natsBinaries, startNats, waitFor, type TestNats } from '@parley/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { Receiver } from './channel.js';
import { Subscriptions } from './subscriptions.js';
import { RecordingReceiver } from './testing.js';

const topicCheck = compile(TopicSchema);

function topic(name: string): Topic {
  if (!topicCheck.is(name)) throw new Error(`${name} is no topic`);
  return name;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function rig(bin: string) {
  const nats = await startNats({ bin });
  cleanups.push(() => nats.stop());
  const gatewayBus = await connect(nats);
  const publisherBus = await connect(nats);
  const repaired: number[] = [];
  const lost: string[] = [];
  const ear = { deaf: false };
  const subscriptions = new Subscriptions({
    bus: {
      ...gatewayBus,
      subscribe: (subject, handler) =>
        gatewayBus.subscribe(subject, (event) => {
          if (!ear.deaf) handler(event);
        }),
    },
    keptPerSubject: { EVENTS: Number.POSITIVE_INFINITY, TOPICS: 100_000 },
    receipt: () => undefined,
    measured: () => undefined,
    repaired: (_stream, events) => repaired.push(events),
    lost: (_stream, _subject, why) => lost.push(why),
  });
  let away = false;
  gatewayBus.onStatus((status) => {
    if (status === 'disconnected') away = true;
    else if (away) subscriptions.busReconnected();
  });
  return { nats, gatewayBus, publisherBus, subscriptions, repaired, lost, ear };
}

async function connect(nats: TestNats): Promise<Bus> {
  const bus = await connectBus({
    servers: nats.url,
    name: 'test',
    logger: silent,
    topics: { maxPerSubject: 100_000 },
    publishDeadlineMs: 10_000,
  });
  cleanups.push(() => bus.close(1_000));
  return bus;
}

async function join(subscriptions: Subscriptions, receiver: Receiver, subject: string, after?: number) {
  const recover = after === undefined ? {} : { recover: { after, limit: 1_000, maxAgeSeconds: 3_600 } };
  const joined = await subscriptions.join(receiver, [{ subject, ...recover }]);
  if (!joined.ok) throw new Error(joined.error.message);
  return joined.value;
}

/** Publishes one message and says whether the stream acknowledged it. */
async function publish(bus: Bus, on: Topic): Promise<{ id: MessageId; sequence: number } | undefined> {
  const messageId = newMessageId();
  const payload = { messageId, topic: on, from: null, sentAt: Date.now(), format: 'json' as const };
  const outcome = await bus.publish(topicMessage, on, payload, { messageId, body: Buffer.from('1') });
  return outcome.ok ? { id: messageId, sequence: outcome.value.sequence } : undefined;
}

describe.each(await natsBinaries())('on nats-server $version', ({ path }) => {
  test('NATS killed and restarted under load: every acknowledged event once, in order, on every kind of subscription', async () => {
    const { nats, publisherBus, subscriptions, lost } = await rig(path);
    const exact = new RecordingReceiver();
    const wide = new RecordingReceiver();
    const both = new RecordingReceiver();
    (await join(subscriptions, exact, 'evt.topic.load.a')).release();
    (await join(subscriptions, wide, 'evt.topic.load.*')).release();
    (await join(subscriptions, both, 'evt.topic.load.a')).release();
    (await join(subscriptions, both, 'evt.topic.load.>')).release();
    const acknowledged: Record<'load.a' | 'load.b', string[]> = { 'load.a': [], 'load.b': [] };
    let publishing = true;
    const publishers = (['load.a', 'load.b'] as const).map(async (name) => {
      while (publishing) {
        const published = await publish(publisherBus, topic(name));
        if (published !== undefined) acknowledged[name].push(published.id);
      }
    });
    for (let kill = 0; kill < 3; kill++) {
      const before = acknowledged['load.a'].length;
      await waitFor(() => acknowledged['load.a'].length > before + 200, 'publishing under way', 20_000);
      await nats.kill('SIGKILL');
      await nats.restart();
    }
    const before = acknowledged['load.b'].length;
    await waitFor(() => acknowledged['load.b'].length > before + 200, 'publishing after the last restart', 20_000);
    publishing = false;
    await Promise.all(publishers);
    const all = [...acknowledged['load.a'], ...acknowledged['load.b']];
    const complete = (texts: readonly string[], wanted: readonly string[]) => {
      const got = new Set(texts);
      return wanted.every((id) => got.has(id));
    };
    await waitFor(
      () => complete(wide.texts, all) && complete(exact.texts, acknowledged['load.a']),
      'everything',
      20_000,
    );
    await waitFor(() => complete(both.texts, all), 'everything on overlapping subscriptions', 20_000);
    for (const receiver of [exact, wide, both]) expect(new Set(receiver.texts).size).toBe(receiver.texts.length);
    for (const [name, ids] of Object.entries(acknowledged)) {
      const order = new Set(ids);
      expect(
        wide.texts.filter((id) => order.has(id)),
        name,
      ).toEqual(ids);
    }
    expect(exact.texts.filter((id) => acknowledged['load.a'].includes(id))).toEqual(acknowledged['load.a']);
    expect(lost).toEqual([]);
  }, 90_000);

  test('a gateway with more topics than it asks about one by one misses nothing either', async () => {
    const { gatewayBus, publisherBus, subscriptions, lost, repaired, ear } = await rig(path);
    const names = Array.from({ length: 40 }, (_, i) => topic(`many.${i}`));
    const receiver = new RecordingReceiver();
    for (const name of names) (await join(subscriptions, receiver, topicMessage.subject(name))).release();
    const ids: string[] = [];
    const publishAll = async () => {
      for (const name of names) {
        const published = await publish(publisherBus, name);
        if (published !== undefined) ids.push(published.id);
      }
    };
    await publishAll();
    await waitFor(() => receiver.texts.length === 40, 'the first of each');
    // Deaf to what is published meanwhile, as after a disconnect.
    ear.deaf = true;
    await publishAll();
    await gatewayBus.flush();
    ear.deaf = false;
    subscriptions.busReconnected();
    await waitFor(() => receiver.texts.length === ids.length, 'what was missed', 15_000);
    expect(new Set(receiver.texts)).toEqual(new Set(ids));
    expect(repaired.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(lost).toEqual([]);
  });

  test('a recovering subscription gets what it missed, then what came meanwhile, each once', async () => {
    const { publisherBus, subscriptions } = await rig(path);
    const early: string[] = [];
    let first = 0;
    for (let i = 0; i < 50; i++) {
      const published = await publish(publisherBus, topic('recover'));
      if (published === undefined) throw new Error('not published');
      if (i === 0) first = published.sequence;
      else early.push(published.id);
    }
    const receiver = new RecordingReceiver();
    const joining = join(subscriptions, receiver, 'evt.topic.recover', first);
    const late = await Promise.all(Array.from({ length: 20 }, () => publish(publisherBus, topic('recover'))));
    const joined = await joining;
    expect(joined.results[0]?.recovered?.complete).toBe(true);
    expect(receiver.texts).toEqual([]);
    joined.release();
    await waitFor(() => receiver.texts.length >= 69, 'all of it');
    expect(receiver.texts.slice(0, 49)).toEqual(early);
    expect(receiver.texts.slice(49)).toEqual(late.map((one) => one?.id));
  });

  test('a recovery that reaches too far back says so and replays nothing', async () => {
    const { publisherBus, subscriptions } = await rig(path);
    for (let i = 0; i < 20; i++) await publish(publisherBus, topic('far'));
    const receiver = new RecordingReceiver();
    const joined = await subscriptions.join(receiver, [
      { subject: 'evt.topic.far', recover: { after: 1, limit: 10, maxAgeSeconds: 3_600 } },
    ]);
    if (!joined.ok) throw new Error(joined.error.message);
    expect(joined.value.results[0]?.recovered).toEqual({ complete: false, count: 0 });
    joined.value.release();
    const live = await publish(publisherBus, topic('far'));
    await waitFor(() => receiver.texts.length > 0, 'the live one');
    expect(receiver.texts).toEqual([live?.id]);
  });

  test('a later subscriber gets nothing that was published before it, even when a gap is repaired', async () => {
    const { nats, publisherBus, subscriptions } = await rig(path);
    const first = new RecordingReceiver();
    const second = new RecordingReceiver();
    (await join(subscriptions, first, 'evt.topic.late')).release();
    await publish(publisherBus, topic('late'));
    await waitFor(() => first.texts.length === 1, 'the first');
    (await join(subscriptions, second, 'evt.topic.late')).release();
    await nats.kill('SIGKILL');
    await nats.restart();
    let third: Awaited<ReturnType<typeof publish>>;
    await waitFor(async () => (third = await publish(publisherBus, topic('late'))) !== undefined, 'publishing', 15_000);
    await waitFor(() => second.texts.length === 1 && first.texts.length === 2, 'the second event', 15_000);
    expect(second.texts).toEqual([third?.id]);
  });
});
