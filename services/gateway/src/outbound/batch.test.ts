import type { ReceivedEvent } from '@parley/bus';
import { newConnectionId } from '@parley/contracts';
import { seededRandom } from '@parley/testing';
import { expect, test } from 'vitest';
import { ALTERNATIVE } from './outgoing.js';
import { partsEvent, RecordingReceiver, scripted, subscriptionsRig, type Part } from './testing.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const SUBJECT = 'evt.topic.a';

/** Receivers of one subject, and a way to let events come. */
async function room(count: number) {
  const dialect = scripted();
  const rig = subscriptionsRig();
  const receivers = Array.from({ length: count }, () => new RecordingReceiver(dialect));
  for (const receiver of receivers) await rig.join(receiver, SUBJECT);
  let sequence = 0;
  const come = (...parts: readonly Part[]) => {
    sequence += 1;
    const event = partsEvent('a', sequence, parts);
    rig.stored.push(event);
    return event;
  };
  /** Events come within one tick, each made of these parts. */
  const deliver = async (...events: readonly (readonly Part[])[]) => {
    for (const parts of events) rig.handlers.get(SUBJECT)?.(come(...parts));
    await turn();
  };
  const receiver = (index: number): RecordingReceiver => {
    const found = receivers[index];
    if (found === undefined) throw new Error('no such receiver');
    return found;
  };
  return { ...rig, dialect, receivers, receiver, come, deliver };
}

test('the parts of an event come in order, encoded once, in one buffer that all share', async () => {
  const { dialect, receivers, deliver } = await room(50);
  await deliver([{ text: 'a1' }, { text: 'a2' }], [], [{ text: 'c1' }]);
  expect(dialect.encodings()).toBe(3);
  for (const receiver of receivers) {
    expect(receiver.texts).toEqual(['a1', 'a2', 'c1']);
    expect(receiver.writes).toBe(1);
    expect(receiver.wires[0]).toBe(receivers[0]?.wires[0]);
  }
});

test('the exception gets its own answer in the place of the part, from the same memory; the others share one buffer', async () => {
  const { receivers, receiver, deliver } = await room(20);
  const [sender, other] = [receiver(0), receiver(1)];
  await deliver(
    [{ text: 'a' }],
    [
      { text: 'b', except: sender.id, instead: 'ack b' },
      { text: 'c', except: other.id, instead: 'ack c' },
    ],
    [{ text: 'd', except: sender.id }],
    [{ text: 'e' }],
  );
  expect(sender.texts).toEqual(['a', 'ack b', 'c', 'e']);
  expect(other.texts).toEqual(['a', 'b', 'ack c', 'd', 'e']);
  const shared = receiver(2).wires[0];
  for (const one of receivers.slice(2)) {
    expect(one.texts).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(one.wires).toEqual([shared]);
    expect(one.wires[0]).toBe(shared);
  }
  for (const wire of [sender.wires[0], sender.wires[2], other.wires[0], other.wires[2]]) {
    expect(wire?.buffer).toBe(shared?.buffer);
  }
});

test('each form has one buffer; who prefers binary gets text where there is nothing else', async () => {
  const { dialect, receivers, deliver } = await room(10);
  for (const receiver of receivers.slice(5)) receiver.form = ALTERNATIVE;
  await deliver([{ text: 'a', binary: 'A' }, { text: 'b' }]);
  expect(dialect.encodings()).toBe(1);
  for (const [index, receiver] of receivers.entries()) {
    expect(receiver.texts).toEqual(index < 5 ? ['a', 'b'] : ['A', 'b']);
    expect(receiver.wires[0]?.[0]).toBe(index < 5 ? 0x81 : 0x82);
    expect(receiver.wires[0]).toBe(receivers[index < 5 ? 0 : 5]?.wires[0]);
  }
});

test('what may be lost is shared too, except with those who are behind: they get part by part, by class', async () => {
  const { receivers, receiver, deliver } = await room(10);
  const [behind, sender] = [receiver(0), receiver(1)];
  behind.fast = false;
  await deliver(
    [{ text: 'a', delivery: { class: 'newest', key: 'a' } }],
    [{ text: 'b', delivery: { class: 'droppable' }, except: sender.id }, { text: 'c' }],
  );
  expect(behind.texts).toEqual(['a', 'b', 'c']);
  expect(behind.single).toBe(3);
  expect(sender.texts).toEqual(['a', 'c']);
  for (const one of receivers.slice(1)) expect(one.single).toBe(0);
  for (const one of receivers.slice(2)) expect(one.wires[0]).toBe(receiver(2).wires[0]);
});

test('one who is being held takes nothing from the others; what was held has each answer in its place', async () => {
  const { dialect, receivers, receiver, hold, deliver } = await room(5);
  const joining = new RecordingReceiver(dialect);
  const joined = await hold(joining, { subject: SUBJECT });
  await deliver([{ text: 'a' }], [{ text: 'b', except: joining.id, instead: 'ack b' }, { text: 'c' }]);
  for (const one of receivers) expect(one.wires[0]).toBe(receiver(0).wires[0]);
  expect(joining.texts).toEqual([]);
  joining.form = ALTERNATIVE;
  joined.release();
  expect(joining.texts).toEqual(['a', 'ack b', 'c']);
  expect(receiver(0).texts).toEqual(['a', 'b', 'c']);
});

test('what was missed on the bus is repaired part by part, answers in their places', async () => {
  const { receivers, receiver, handlers, come, deliver } = await room(3);
  const sender = receiver(0);
  await deliver([{ text: 'a' }]);
  come({ text: 'b', except: sender.id, instead: 'ack b' }, { text: 'c' });
  const newest = come({ text: 'd' });
  handlers.get(SUBJECT)?.(newest);
  await expect.poll(() => receivers.every((one) => one.texts.includes('d'))).toBe(true);
  expect(sender.texts).toEqual(['a', 'ack b', 'c', 'd']);
  expect(receiver(1).texts).toEqual(['a', 'b', 'c', 'd']);
});

test('what a connection recovers has its own answers too', async () => {
  const { dialect, come, hold } = await room(0);
  const sender = new RecordingReceiver(dialect);
  come({ text: 'a' });
  come({ text: 'b', except: sender.id, instead: 'ack b' }, { text: 'c' });
  const joined = await hold(sender, { subject: SUBJECT, recover: { after: 1, limit: 100, maxAgeSeconds: 60 } });
  joined.release();
  expect(sender.texts).toEqual(['ack b', 'c']);
});

test('what was skipped is sent neither from what was held nor live, and only the skipping one misses it', async () => {
  const { dialect, receivers, receiver, subscriptions, hold, deliver } = await room(5);
  const joining = new RecordingReceiver(dialect);
  const joined = await hold(joining, { subject: SUBJECT });
  await deliver([{ text: 'a' }], [{ text: 'b1' }, { text: 'b2' }], [{ text: 'c' }]);
  subscriptions.skip(joining.id, SUBJECT, 2);
  // Never back: what it knows it knows.
  subscriptions.skip(joining.id, SUBJECT, 1);
  joined.release();
  expect(joining.texts).toEqual(['c']);
  subscriptions.skip(joining.id, SUBJECT, 5);
  await deliver([{ text: 'd' }]);
  await deliver([{ text: 'e' }], [{ text: 'f' }]);
  await deliver([{ text: 'g' }]);
  expect(joining.texts).toEqual(['c', 'f', 'g']);
  expect(joining.wires.at(-1)).toBe(receiver(0).wires.at(-1));
  for (const one of receivers) expect(one.texts).toEqual(['a', 'b1', 'b2', 'c', 'd', 'e', 'f', 'g']);
});

test('a session does not hear of what its connection skipped', async () => {
  const dialect = { ...scripted(), observes: new Set(['topic']) };
  const { subscriptions, handlers, join } = subscriptionsRig();
  const receiver = new RecordingReceiver(dialect);
  await join(receiver, SUBJECT);
  subscriptions.skip(receiver.id, SUBJECT, 1);
  for (const sequence of [1, 2]) handlers.get(SUBJECT)?.(partsEvent('a', sequence, []));
  expect(receiver.observed.map(({ sequence }) => sequence)).toEqual([2]);
});

test('sessions that go on hearing an event take nobody along', async () => {
  const dialect = { ...scripted(), observes: new Set(['topic']) };
  const { subscriptions, handlers, join } = subscriptionsRig();
  class Leaver extends RecordingReceiver {
    override observe(event: ReceivedEvent): void {
      super.observe(event);
      subscriptions.leaveAll(this.id);
    }
  }
  const receivers = Array.from({ length: 5 }, () => new Leaver(dialect));
  for (const receiver of receivers) await join(receiver, SUBJECT);
  handlers.get(SUBJECT)?.(partsEvent('a', 1, []));
  expect(receivers.map(({ observed }) => observed.length)).toEqual([1, 1, 1, 1, 1]);
  expect(subscriptions.size).toBe(0);
});

test('who acts on an event has been written all that came before it', async () => {
  const dialect = { ...scripted(), observes: new Set(['topic']) };
  const { handlers, join } = subscriptionsRig();
  const seen: string[][] = [];
  class Actor extends RecordingReceiver {
    override observe(event: ReceivedEvent, flush?: () => void): void {
      super.observe(event);
      if (event.sequence < 3) return;
      flush?.();
      seen.push([...this.texts]);
    }
  }
  await join(new Actor(dialect), SUBJECT);
  for (const sequence of [1, 2, 3]) {
    handlers.get(SUBJECT)?.(partsEvent('a', sequence, [{ text: `t${String(sequence)}` }]));
  }
  expect(seen).toEqual([['t1', 't2']]);
});

test('skipping where nothing was joined changes nothing', () => {
  const { subscriptions } = subscriptionsRig();
  subscriptions.skip(newConnectionId(), SUBJECT, 7);
  expect(subscriptions.size).toBe(0);
});

test('whatever comes, everyone gets what is theirs, in order', async () => {
  const random = seededRandom(41);
  for (let round = 0; round < 30; round++) {
    const { receivers, deliver } = await room(8);
    for (const one of receivers) {
      one.form = random.chance() ? ALTERNATIVE : 0;
      one.fast = random.chance(0.75);
    }
    const part = (text: string): Part => ({
      text,
      ...(random.chance() ? { binary: `bin ${text}` } : {}),
      ...(random.chance() ? { except: random.pick(receivers).id } : {}),
      ...(random.chance() ? { instead: `own ${text}` } : {}),
      ...(random.chance(0.3) ? { delivery: { class: 'droppable' } } : {}),
    });
    const sent: Part[] = [];
    for (let tick = 0; tick < 4; tick++) {
      const events = Array.from({ length: random.int(0, 4) }, (_, event) =>
        Array.from({ length: random.int(0, 3) }, (_, index) => part([tick, event, index].join('.'))),
      );
      sent.push(...events.flat());
      await deliver(...events);
    }
    for (const one of receivers) expect(one.texts).toEqual(sent.flatMap((each) => heardBy(one, each)));
  }
});

function heardBy({ id, form }: RecordingReceiver, { text, binary = text, except, instead }: Part): string[] {
  if (except !== id) return [form === ALTERNATIVE ? binary : text];
  return instead === undefined ? [] : [instead];
}
