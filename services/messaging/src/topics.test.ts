import {
  compile,
  messaging,
  newUserId,
  Topic,
  TopicPattern,
  topicMessage,
  type Actor,
  type BodyFormat,
} from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@parley/testing';
import { MessagingFixture } from './testing/messaging-fixture.js';

const topicCheck = compile(Topic);
const patternCheck = compile(TopicPattern);
const server: Actor = { type: 'server' };
const aliceId = newUserId();
const alice: Actor = { type: 'user', userId: aliceId };

let fixture: MessagingFixture;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.replica({
    PARLEY_TOPICS_HISTORY_MESSAGES: '10',
    PARLEY_MESSAGE_MAX_BYTES: '200000',
    PARLEY_TOPIC_RULES: JSON.stringify([
      { pattern: 'news.>', publish: 'server' },
      { pattern: 'secret.*', subscribe: 'server' },
      { pattern: 'long', history: { messages: 1_500, seconds: 3_600 } },
      { pattern: 'short', history: { messages: 3, seconds: 3_600 } },
      { pattern: 'brief', history: { messages: 10, seconds: 1 } },
      { pattern: 'none', history: { messages: 0, seconds: 0 } },
    ]),
  });
});

afterAll(() => fixture.stop());

function topic(text: string): Topic {
  if (!topicCheck.is(text)) throw new Error(`no topic: ${text}`);
  return text;
}

interface PublishExtra {
  readonly actor?: Actor;
  readonly format?: BodyFormat;
  readonly idempotencyKey?: string;
  readonly receiptsTo?: string;
  readonly metadata?: Record<string, unknown>;
}

function publish(name: string, text: string, extra: PublishExtra = {}) {
  const request = { actor: alice, topic: topic(name), format: 'json' as const, ...extra };
  return fixture.bus.call(messaging.publishTopic, request, { body: Buffer.from(text) });
}

async function history(name: string, options: { before?: number; limit?: number; actor?: Actor } = {}) {
  const { actor = alice, limit = 100, before } = options;
  const request = { actor, topic: topic(name), limit, ...(before === undefined ? {} : { before }) };
  const outcome = await fixture.bus.call(messaging.topicHistory, request);
  if (!outcome.ok) return outcome.error.code;
  const { messages, more } = outcome.value;
  return { texts: messages.map((message) => message.payload), sequences: messages.map((one) => one.sequence), more };
}

describe('publishing on a topic', () => {
  it('stores the payload as it is, delivers it, and says where it lies', async () => {
    const gateway = await fixture.gateway();
    const heard: { head: unknown; text: string; sequence: number }[] = [];
    gateway.bus.subscribe(topicMessage.subject('chat.general'), (event) => {
      const decoded = topicMessage.decode(event);
      heard.push({
        head: decoded?.payload,
        text: Buffer.from(decoded?.body ?? []).toString(),
        sequence: event.sequence,
      });
    });
    await gateway.bus.flush();
    const metadata = { priority: 'high', ttl: 5 };
    const published = await publish('chat.general', '{"a" : 1}', { metadata });
    if (!published.ok) throw new Error(published.error.message);
    await waitFor(() => heard.length === 1, 'the message');
    const { messageId, sentAt, sequence, duplicate } = published.value;
    expect(duplicate).toBe(false);
    expect(heard).toEqual([
      {
        head: { messageId, topic: 'chat.general', from: aliceId, sentAt, format: 'json', metadata },
        text: '{"a" : 1}',
        sequence,
      },
    ]);
  });

  it('counts receipts where it is asked to', async () => {
    const gateways = [await fixture.gateway(), await fixture.gateway()];
    gateways.forEach((gateway, i) => gateway.hear('counted', i + 2));
    await Promise.all(gateways.map((gateway) => gateway.bus.flush()));
    const receipts = fixture.bus.receipts(topicMessage.subject('counted'));
    const published = await publish('counted', '1', { receiptsTo: receipts.subject });
    expect(published.ok).toBe(true);
    expect((await receipts.settled(2_000)).count).toBe(5);
  });

  it('does it once per key, actor and topic, and answers repetitions with the first', async () => {
    const first = await publish('once', '"first"', { idempotencyKey: 'm 1\r\n' });
    const second = await publish('once', '"second"', { idempotencyKey: 'm 1\r\n' });
    if (!first.ok || !second.ok) throw new Error('not published');
    expect(second.value).toEqual({ ...first.value, duplicate: true });
    const other: Actor = { type: 'user', userId: newUserId() };
    for (const extra of [{ actor: other }, { actor: server }]) {
      const again = await publish('once', '"another"', { idempotencyKey: 'm 1\r\n', ...extra });
      expect(again.ok && again.value.duplicate).toBe(false);
    }
    const elsewhere = await publish('twice', '"first"', { idempotencyKey: 'm 1\r\n' });
    expect(elsewhere.ok && elsewhere.value.duplicate).toBe(false);
    expect(await history('once')).toMatchObject({ texts: ['"first"', '"another"', '"another"'] });
  });

  it('answers a repetition even when the topic has dropped the first', async () => {
    const first = await publish('short', '0', { idempotencyKey: 'k' });
    for (let i = 0; i < 1_500; i += 100) {
      await Promise.all(Array.from({ length: 100 }, () => publish('short', '1')));
    }
    const again = await publish('short', '0', { idempotencyKey: 'k' });
    if (!first.ok || !again.ok) throw new Error('not published');
    expect(again.value.sequence).toBe(first.value.sequence);
    expect(again.value.duplicate).toBe(true);
  });

  it('gives binary payloads their checksum', async () => {
    const heard: unknown[] = [];
    const subscription = fixture.bus.subscribe(topicMessage.subject('files'), (event) => {
      heard.push(topicMessage.decode(event)?.payload.checksum);
    });
    await fixture.bus.flush();
    await publish('files', 'abc', { format: 'file_transfer' });
    await waitFor(() => heard.length === 1, 'the message');
    subscription.unsubscribe();
    expect(heard).toEqual(['sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']);
    expect(await history('files')).toMatchObject({ texts: ['YWJj'] });
  });

  it.each([
    ['notifications', alice, 'forbidden'],
    ['$system', alice, 'forbidden'],
    ['news.local', alice, 'forbidden'],
    [`user.${newUserId()}.x`, alice, 'forbidden'],
    ['notifications', server, undefined],
    ['news.local', server, undefined],
  ])('on %s as %o: %s', async (name, actor, code) => {
    const outcome = await publish(name, '1', { actor });
    expect(outcome.ok ? undefined : outcome.error.code).toBe(code);
  });

  it('confines a token to its grants', async () => {
    const pattern = 'chat.*';
    if (!patternCheck.is(pattern)) throw new Error('no pattern');
    const actor: Actor = { type: 'user', userId: newUserId(), grants: { publish: [pattern] } };
    expect((await publish('chat.a', '1', { actor })).ok).toBe(true);
    expect(await publish('other', '1', { actor })).toMatchObject({ error: { code: 'forbidden' } });
  });

  it('refuses what could not be handed out again, and what has no payload', async () => {
    expect((await publish('big', JSON.stringify('x'.repeat(190_000)))).ok).toBe(true);
    for (const text of [JSON.stringify('x'.repeat(210_000)), JSON.stringify('"'.repeat(60_000))]) {
      expect(await publish('big', text)).toMatchObject({ error: { code: 'too_large' } });
    }
    const metadata = { note: 'x'.repeat(200_000) };
    expect(await publish('big', '1', { metadata })).toMatchObject({ error: { code: 'too_large' } });
    const request = { actor: alice, topic: topic('big'), format: 'json' as const };
    expect(await fixture.bus.call(messaging.publishTopic, request)).toMatchObject({ error: { code: 'invalid' } });
  });
});

describe('asking to subscribe', () => {
  it('answers each pattern in order', async () => {
    const patterns = ['chat.*', 'secret.x', '*.x', '>', 'long', 'notifications'].filter((one) => patternCheck.is(one));
    const asked = await fixture.bus.call(messaging.authorizeTopics, { actor: alice, patterns });
    if (!asked.ok) throw new Error(asked.error.message);
    expect(asked.value.answers.map((answer) => answer.allowed)).toEqual([true, false, false, false, true, true]);
    expect(asked.value.answers[0]?.history).toEqual({ messages: 10, seconds: 86_400 });
    expect(asked.value.answers[1]?.history).toEqual({ messages: 0, seconds: 0 });
    expect(asked.value.answers[4]?.history).toEqual({ messages: 1_500, seconds: 3_600 });
  });
});

describe('reading the history of a topic', () => {
  it('gives pages from the newest backwards, each oldest first', async () => {
    for (let i = 0; i < 8; i++) await publish('paged', String(i));
    const newest = await history('paged', { limit: 3 });
    if (typeof newest === 'string') throw new Error(newest);
    expect(newest).toMatchObject({ texts: ['5', '6', '7'], more: true });
    const before = newest.sequences[0] ?? 0;
    expect(await history('paged', { limit: 5, before })).toMatchObject({
      texts: ['0', '1', '2', '3', '4'],
      more: false,
    });
    expect(await history('paged', { limit: 4, before })).toMatchObject({ texts: ['1', '2', '3', '4'], more: true });
    expect(await history('nothing')).toEqual({ texts: [], sequences: [], more: false });
  });

  it('ends where the rule of the topic says, although the stream keeps more', async () => {
    for (let i = 0; i < 12; i++) {
      await publish('default', String(i));
      await publish('none', String(i));
      await publish('short', String(i));
    }
    expect(await history('default')).toMatchObject({ texts: ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11'] });
    expect(await history('short')).toMatchObject({ texts: ['9', '10', '11'], more: false });
    expect(await history('short', { limit: 2 })).toMatchObject({ texts: ['10', '11'], more: true });
    expect(await history('none')).toMatchObject({ texts: [], more: false });
  });

  it('counts what is before the page into the rule', async () => {
    for (let i = 0; i < 5; i++) await publish('brief', String(i));
    const all = await history('brief');
    if (typeof all === 'string') throw new Error(all);
    expect(all.texts).toEqual(['0', '1', '2', '3', '4']);
    // The one rule whose time passes within a test.
    await waitFor(async () => {
      const now = await history('brief');
      return typeof now !== 'string' && now.texts.length === 0;
    }, 'the messages to grow too old');
  });

  it('reads long histories', async () => {
    for (let i = 0; i < 1_600; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => publish('long', String(i + j))));
    }
    const newest = await history('long');
    if (typeof newest === 'string') throw new Error(newest);
    expect(newest.texts).toHaveLength(100);
    const oldest = await history('long', { before: (newest.sequences[0] ?? 0) - 1_300 });
    expect(oldest).toMatchObject({ more: false });
    if (typeof oldest === 'string') throw new Error(oldest);
    expect(oldest.texts.length).toBe(100);
  });

  it('fits a page into one message of the bus', async () => {
    const text = JSON.stringify('x'.repeat(90_000));
    for (let i = 0; i < 5; i++) await publish('heavy', text);
    const page = await history('heavy');
    expect(page).toMatchObject({ texts: [text, text], more: true });
  });

  it('pages through large messages one after the other, holding no more than a page of them', async () => {
    const texts = Array.from({ length: 10 }, (_, i) => JSON.stringify(String(i).repeat(120_000)));
    for (const text of texts) await publish('heavy.large', text);
    const seen: string[] = [];
    let before: number | undefined;
    for (let more = true; more;) {
      const page = await history('heavy.large', before === undefined ? {} : { before });
      if (typeof page === 'string') throw new Error(page);
      expect(page.texts.length).toBeGreaterThan(0);
      seen.unshift(...page.texts);
      before = page.sequences[0];
      ({ more } = page);
    }
    expect(seen.map((text) => text[1])).toEqual(texts.map((text) => text[1]));
  });

  it('is for those who may subscribe', async () => {
    expect(await history('secret.x')).toBe('forbidden');
    expect(await history('secret.x', { actor: server })).toMatchObject({ texts: [] });
  });
});

describe('notifications', () => {
  const notification = { level: 'info' as const, title: 'Maintenance', message: 'Soon', actions: [] };

  it('go to everyone, and count connections over all gateways', async () => {
    const gateways = [await fixture.gateway(), await fixture.gateway()];
    gateways.forEach((gateway, i) => gateway.hear('notifications', i + 1));
    await Promise.all(gateways.map((gateway) => gateway.bus.flush()));
    await waitFor(async () => {
      const sent = await fixture.bus.call(messaging.notify, { notification });
      return sent.ok && sent.value.recipients === 3;
    }, 'both gateways to count');
  });

  it('go to one user, who must exist', async () => {
    const userId = fixture.newUser();
    const gateway = await fixture.gateway();
    const sent = await fixture.bus.call(messaging.notify, { notification, userId });
    expect(sent).toEqual({ ok: true, value: { recipients: 0 } });
    await gateway.connect(userId);
    const again = await fixture.bus.call(messaging.notify, { notification, userId });
    expect(again).toEqual({ ok: true, value: { recipients: 1 } });
    const unknown = await fixture.bus.call(messaging.notify, { notification, userId: newUserId() });
    expect(unknown).toMatchObject({ error: { code: 'not_found' } });
  });
});
