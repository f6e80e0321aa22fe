import { describe, expect, it } from 'vitest';
import { HashingGate } from './hashing-gate.js';
import { Passwords } from './passwords.js';

const hashing = { memoryKib: 64, passes: 1, lanes: 1 };
const gate = () => new HashingGate({ parallel: 1, queue: 10, patienceMs: 10_000 });

async function hashed(passwords: Passwords, password: string): Promise<string> {
  const outcome = await passwords.hash(password);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

describe('passwords', () => {
  const passwords = new Passwords(hashing, gate());

  it('are hashed with argon2id and verified', async () => {
    const hash = await hashed(passwords, 'correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(await passwords.verify(hash, 'correct horse')).toEqual({ ok: true, value: true });
    expect(await passwords.verify(hash, 'wrong horse')).toEqual({ ok: true, value: false });
  });

  it('match however their accents were composed', async () => {
    const hash = await hashed(passwords, 'cafe\u0301 au lait');
    expect(await passwords.verify(hash, 'caf\u00e9 au lait')).toEqual({ ok: true, value: true });
  });

  it('of nobody never match, not even the decoy itself', async () => {
    expect(await passwords.verify(undefined, 'a password of nobody')).toEqual({ ok: true, value: false });
  });

  it('cost as much for an unknown account as for a known one', async () => {
    const heavy = new Passwords({ memoryKib: 8_192, passes: 2, lanes: 1 }, gate());
    await heavy.prepare();
    const hash = await hashed(heavy, 'correct horse');
    const cpu = async (work: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      for (let i = 0; i < 5; i++) await work();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const known = await cpu(() => heavy.verify(hash, 'wrong'));
    const unknown = await cpu(() => heavy.verify(undefined, 'wrong'));
    // An answer without a hash would cost a hundredth; the bounds leave room for a busy machine.
    expect(unknown).toBeGreaterThan(known / 4);
    expect(unknown).toBeLessThan(known * 4);
  });

  it('know hashes of other parameters', async () => {
    const hash = await hashed(passwords, 'correct horse');
    expect(passwords.isOutdated(hash)).toBe(false);
    expect(new Passwords({ ...hashing, passes: 2 }, gate()).isOutdated(hash)).toBe(true);
  });
});
