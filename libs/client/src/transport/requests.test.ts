import { expect, test } from 'vitest';
import { ManualTimers } from '../testing/manual-timers.js';
import type { Sent } from './connection.js';
import { ParleyError } from './parley-error.js';
import { Requests } from './requests.js';

function rig(limit?: number) {
  const timers = new ManualTimers();
  const said: string[] = [];
  const network: { state: Sent } = { state: 'sent' };
  const send = (frame: string): Sent => {
    if (network.state === 'sent') said.push(frame);
    return network.state;
  };
  return { timers, said, network, requests: new Requests<string>(timers, 30_000, send, limit) };
}

test('what is asked without a connection waits for one, and what has no answer is there to be asked again, in order', async () => {
  const { requests, said, network } = rig();
  network.state = 'offline';
  const first = requests.ask('a', 'frame a');
  const second = requests.ask('b', 'frame b');
  expect([said, requests.unanswered()]).toEqual([[], ['frame a', 'frame b']]);
  expect(requests.answer('a', 'yes')).toBe(true);
  expect(requests.unanswered()).toEqual(['frame b']);
  requests.refuse('b', new ParleyError('forbidden', 'no'));
  expect(await first).toBe('yes');
  await expect(second).rejects.toMatchObject({ code: 'forbidden' });
  expect(requests.answer('a', 'again')).toBe(false);
});

test('every wait ends: by its deadline, its signal, or when nobody will answer', async () => {
  const { requests, timers } = rig();
  const stop = new AbortController();
  const ends = Promise.allSettled([
    requests.ask('a', 'a'),
    requests.ask('b', 'b', { signal: stop.signal }),
    requests.ask('c', 'c', { timeoutMs: 100_000 }),
  ]);
  stop.abort();
  timers.advance(30_000);
  requests.failAll(new ParleyError('disconnected', 'bye'));
  const reasons = [{ code: 'timeout' }, { code: 'aborted' }, { code: 'disconnected' }];
  expect(await ends).toMatchObject(reasons.map((reason) => ({ reason })));
  expect([requests.unanswered(), timers.set]).toEqual([[], 0]);
});

test('nothing is asked again after a server may have forgotten its id', async () => {
  const { requests, timers } = rig();
  const asked = requests.ask('a', 'a', { timeoutMs: 600_000 });
  timers.advance(110_000);
  await expect(asked).rejects.toMatchObject({ code: 'timeout' });
});

test('too many at once, and more than the network takes, are refused', async () => {
  const { requests, network } = rig(1);
  void requests.ask('a', 'a').catch(() => undefined);
  await expect(requests.ask('b', 'b')).rejects.toMatchObject({ code: 'queue_full' });
  requests.answer('a', '');
  network.state = 'clogged';
  await expect(requests.ask('c', 'c')).rejects.toMatchObject({ code: 'queue_full' });
});

test('beyond a rate limit it is said again when the server listens, unless that is too late', async () => {
  const { requests, timers, said } = rig();
  const limited = (retryAfterMs: number): ParleyError => new ParleyError('rate_limited', 'slower', { retryAfterMs });
  const asked = requests.ask('a', 'a');
  requests.postpone('a', limited(2_000));
  timers.advance(1_999);
  expect(said).toEqual(['a']);
  timers.advance(1);
  expect(said).toEqual(['a', 'a']);
  requests.postpone('a', limited(60_000));
  await expect(asked).rejects.toMatchObject({ code: 'rate_limited' });
});
