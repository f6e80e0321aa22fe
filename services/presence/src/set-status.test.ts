import { newUserId, type Presence, type UserId } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusChoice } from './presence-state.js';
import { CoreFixture } from './test/core-fixture.js';

const GRACE = 5_000;
let fixture: CoreFixture;

beforeAll(async () => {
  fixture = await CoreFixture.start();
});
afterAll(() => fixture.stop());

async function choose(userId: UserId, choice: StatusChoice): Promise<Presence> {
  const answer = await fixture.core.setStatus.run({ userId, ...choice });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

async function lookup(userId: UserId): Promise<Presence | undefined> {
  const answer = await fixture.core.lookup.run([userId]);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.presences[0];
}

async function heard(userId: UserId): Promise<readonly (readonly [string, unknown])[]> {
  return (await fixture.heardOf(userId)).map(({ status, metadata }) => [status, metadata] as const);
}

describe('a chosen status', () => {
  it('is announced once per visible change, in order, and answered as others see it', async () => {
    const user = newUserId();
    await fixture.gateway().open(user);
    expect(await choose(user, { status: 'idle', metadata: { device: 'web' } })).toMatchObject({ status: 'idle' });
    await choose(user, { status: 'idle', metadata: { device: 'web' } });
    await choose(user, { status: 'idle' });
    await choose(user, { status: 'dnd' });
    await choose(user, { status: 'dnd', metadata: {} });
    expect(await heard(user)).toEqual([
      ['online', {}],
      ['idle', { device: 'web' }],
      ['dnd', { device: 'web' }],
      ['dnd', {}],
    ]);
  });

  it('survives reconnects', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const connection = await gateway.open(user);
    await choose(user, { status: 'dnd', metadata: { mood: 'busy' } });
    await gateway.close(connection);
    await fixture.sweepAfter(GRACE);
    expect(await lookup(user)).toEqual({
      userId: user,
      status: 'offline',
      lastSeen: fixture.now - GRACE,
      metadata: {},
    });
    await gateway.open(user);
    expect(await lookup(user)).toEqual({
      userId: user,
      status: 'dnd',
      lastSeen: fixture.now,
      metadata: { mood: 'busy' },
    });
  });

  it('is kept, not shown, for one who is not there', async () => {
    const user = newUserId();
    expect(await choose(user, { status: 'idle' })).toMatchObject({ status: 'offline' });
    expect(await heard(user)).toEqual([]);
    await fixture.gateway().open(user);
    expect(await heard(user)).toEqual([['idle', {}]]);
  });
});

describe('the invisible', () => {
  it('are seen as offline at once, whatever they do then', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const connection = await gateway.open(user);
    await choose(user, { status: 'offline', metadata: { hidden: true } });
    const hidden = await lookup(user);
    expect(hidden).toEqual({ userId: user, status: 'offline', lastSeen: fixture.now, metadata: {} });
    fixture.pass(1_000);
    await gateway.close(connection);
    await fixture.sweepAfter(GRACE);
    const again = await gateway.open(user);
    await gateway.open(user);
    await gateway.close(again);
    await choose(user, { status: 'offline', metadata: { hidden: 'still' } });
    expect(await lookup(user)).toEqual(hidden);
    expect(await heard(user)).toEqual([
      ['online', {}],
      ['offline', {}],
    ]);
    await choose(user, { status: 'online' });
    expect((await heard(user)).at(-1)).toEqual(['online', { hidden: 'still' }]);
  });
});

describe('metadata', () => {
  it('comes back as it was given, whatever JSON it is', async () => {
    const user = newUserId();
    await fixture.gateway().open(user);
    const metadata = {
      ...{ z: 1, a: [null, 1.5, { b: '\u0000\ud800 é 😀' }], empty: '', quote: `'; --` },
      ['__proto__']: { x: 1 },
    };
    await choose(user, { status: 'online', metadata });
    expect(JSON.stringify((await lookup(user))?.metadata)).toBe(JSON.stringify(metadata));
  });

  it('is refused when it is too long, and nothing changes', async () => {
    const user = newUserId();
    await fixture.gateway().open(user);
    const answer = await fixture.core.setStatus.run({
      userId: user,
      status: 'dnd',
      metadata: { x: 'é'.repeat(8_200) },
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid', field: 'metadata' } });
    expect(await lookup(user)).toMatchObject({ status: 'online' });
  });
});
