import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeConnection, type Ether } from '../testing/fake-connection.js';
import { signalOf } from './signal.js';
import { VoicePeer } from './voice-peer.js';

/** Two sides; what they say waits until it is delivered, in order. */
class Wire {
  private readonly waiting: { readonly to: 'ann' | 'bob'; readonly signal: unknown }[] = [];
  readonly sides: { ann: VoicePeer; bob: VoicePeer };
  readonly ether: Ether = new Map();

  constructor() {
    this.sides = { ann: this.side('ann'), bob: this.side('bob') };
  }

  /** `ann` has the smaller id. */
  private side(name: 'ann' | 'bob'): VoicePeer {
    const to = name === 'ann' ? 'bob' : 'ann';
    return new VoicePeer({
      yields: name === 'ann',
      connect: () => new FakeConnection(this.ether),
      send: (signal) => this.waiting.push({ to, signal }),
      heard: () => undefined,
      changed: () => undefined,
    });
  }

  /** Everything that is said, and what is said to that. */
  async deliver(): Promise<void> {
    for (let left = 50; left > 0; left -= 1) {
      await vi.advanceTimersByTimeAsync(0);
      const next = this.waiting.shift();
      if (next === undefined) return;
      const signal = signalOf(next.signal);
      if (signal !== undefined) this.sides[next.to].take(signal);
    }
    throw new Error('they never stop');
  }

  /** Nothing of what was said arrives. */
  async lose(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
    this.waiting.length = 0;
  }

  reload(name: 'ann' | 'bob'): void {
    this.sides[name].close();
    this.sides[name] = this.side(name);
  }

  states(): readonly string[] {
    return [this.sides.ann.state, this.sides.bob.state];
  }
}

let wire: Wire;

beforeEach(() => {
  vi.useFakeTimers();
  wire = new Wire();
});
afterEach(() => {
  wire.sides.ann.close();
  wire.sides.bob.close();
  vi.useRealTimers();
});

const CONNECTED = ['connected', 'connected'];

test('one offers, the other answers', async () => {
  wire.sides.bob.offer();
  await wire.deliver();
  expect(wire.states()).toEqual(CONNECTED);
});

test('both offer at once: the smaller user id takes its own offer back', async () => {
  wire.sides.ann.offer();
  wire.sides.bob.offer();
  await wire.deliver();
  expect(wire.states()).toEqual(CONNECTED);
  const { ann, bob } = wire.sides;
  expect([ann.connection.remoteDescription?.type, bob.connection.remoteDescription?.type]).toEqual(['offer', 'answer']);
});

describe.each(['ann', 'bob'] as const)('%s', (name) => {
  test('loads the page again: the other side begins anew with the new one', async () => {
    wire.sides.bob.offer();
    await wire.deliver();
    wire.reload(name);
    wire.sides[name].offer();
    await wire.deliver();
    expect(wire.states()).toEqual(CONNECTED);
  });

  test('loses the path, and offers on a fresh connection', async () => {
    wire.sides.bob.offer();
    await wire.deliver();
    const before = wire.ether.size;
    const { connection } = wire.sides[name];
    if (connection instanceof FakeConnection) connection.fail();
    await wire.deliver();
    expect([wire.states(), wire.ether.size]).toEqual([CONNECTED, before + 2]);
  });

  test('makes an offer that never arrives: it is made again', async () => {
    wire.sides[name].offer();
    await wire.lose();
    await vi.advanceTimersByTimeAsync(12_000);
    await wire.deliver();
    expect(wire.states()).toEqual(CONNECTED);
  });
});

test('where there is no path it is given up, until somebody asks for another attempt', async () => {
  wire.sides.ann.offer();
  for (let attempt = 0; attempt < 7; attempt += 1) {
    await wire.lose();
    await vi.advanceTimersByTimeAsync(12_000);
  }
  expect(wire.states()).toEqual(['failed', 'failed']);
  await wire.lose();
  wire.sides.ann.mend();
  await wire.deliver();
  expect(wire.states()).toEqual(CONNECTED);
});

test('signals in every spelling that there is, and what is none', () => {
  const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
  expect(signalOf(candidate)).toEqual({ kind: 'candidate', candidate });
  expect(signalOf({ type: 'candidate', candidate })).toEqual({ kind: 'candidate', candidate });
  expect(signalOf({ type: 'offer', sdp: 'v=0' })).toEqual({ kind: 'offer', sdp: 'v=0' });
  for (const none of [null, 'offer', { type: 'offer' }, { type: 'bye' }, { candidate: 5 }]) {
    expect(signalOf(none)).toBeUndefined();
  }
});
