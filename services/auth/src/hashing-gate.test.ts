import { describe, expect, it } from 'vitest';
import { HashingGate } from './hashing-gate.js';

/** Jobs that end when told to. */
function jobs() {
  const started: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => started.push(resolve));
  return { started, work };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the hashing gate', () => {
  it('runs a bounded number at once, in order, and refuses who finds the queue full', async () => {
    const gate = new HashingGate({ parallel: 2, queue: 1, patienceMs: 1_000 });
    const { started, work } = jobs();
    const results = [gate.run(work), gate.run(work), gate.run(work)];
    const refused = await gate.run(work);
    expect(refused).toMatchObject({ ok: false, error: { code: 'unavailable', retryAfterMs: 1_000 } });
    expect(started).toHaveLength(2);
    expect(gate.waiting).toBe(1);
    started[0]?.();
    await turn();
    expect(started).toHaveLength(3);
    for (const end of started) end();
    expect((await Promise.all(results)).every((result) => result.ok)).toBe(true);
  });

  it('refuses who has waited too long', async () => {
    let now = 0;
    const gate = new HashingGate({ parallel: 1, queue: 2, patienceMs: 100 }, () => now);
    const { started, work } = jobs();
    const first = gate.run(work);
    await turn();
    const late = gate.run(work);
    now = 50;
    const inTime = gate.run(work);
    now = 101;
    started[0]?.();
    expect((await first).ok).toBe(true);
    expect((await late).ok).toBe(false);
    await turn();
    expect(started).toHaveLength(2);
    started[1]?.();
    expect((await inTime).ok).toBe(true);
  });

  it('frees its place when a job throws', async () => {
    const gate = new HashingGate({ parallel: 1, queue: 0, patienceMs: 100 });
    await expect(gate.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.run(() => Promise.resolve(7))).toEqual({ ok: true, value: 7 });
  });
});
