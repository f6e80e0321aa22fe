import { rooms, type RoomId } from '@parley/contracts';
import { waitFor, type Child } from '@parley/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RoomsFixture, valueOf, type Person } from './testing/rooms-fixture.js';
import { RoomsLoad } from './testing/rooms-load.js';

const WRITERS = 20;
let fixture: RoomsFixture;
let owner: Person;

beforeEach(async () => {
  fixture = await RoomsFixture.start();
  owner = fixture.person();
});

afterEach(() => fixture.stop());

async function loaded(count: number): Promise<RoomsLoad> {
  const roomIds: RoomId[] = [];
  for (let i = 0; i < count; i++) roomIds.push(await fixture.room(owner, '', { public: true }));
  return RoomsLoad.start(fixture, roomIds, WRITERS);
}

it('owners killed with SIGKILL five times under load: what was acknowledged is there once, without a gap, and was told in order', async () => {
  const env = { PARLEY_ROOMS_SNAPSHOT_EVERY: '50' };
  const replicas: Child[] = [await fixture.process(env), await fixture.process(env)];
  const load = await loaded(4);
  for (let i = 0; i < 5; i++) {
    await load.more(300);
    await replicas.shift()?.kill('SIGKILL');
    replicas.push(await fixture.process(env));
    await load.eachWrites();
  }
  await load.more(300);
  await load.stop();
  await load.expectOneTruth();
});

it('an owner that sleeps beyond its leases and wakes loses what it was about to write, and nobody is misled', async () => {
  const sleeper = await fixture.process();
  const load = await loaded(2);
  await load.more(200);
  await fixture.process();
  sleeper.signal('SIGSTOP');
  await load.eachWrites();
  sleeper.signal('SIGCONT');
  await load.more(300);
  await load.stop();
  await load.expectOneTruth();
});

it('NATS killed and restarted under load: everything committed is told, once and in order', async () => {
  await fixture.process();
  const load = await loaded(2);
  for (let i = 0; i < 2; i++) {
    await load.more(200);
    await fixture.nats.kill();
    await fixture.nats.restart();
    await load.eachWrites();
  }
  await load.stop();
  await load.expectOneTruth();
});

it('killed between the commit and the event: the next owner announces it before it serves', async () => {
  const first = await fixture.process();
  const roomId = await fixture.room(owner, '', { public: true });
  await fixture.join(owner, roomId);
  await fixture.write(owner, roomId, 1, ['a']);
  await fixture.slowly(async (isSleeping) => {
    // The commit waits long enough for NATS to be gone when it comes.
    const written = fixture.submit(owner, roomId, 2, ['b']).catch(() => undefined);
    await waitFor(isSleeping, 'the transaction');
    await fixture.nats.kill();
    await waitFor(async () => (await fixture.log(roomId)).length === 2, 'the commit');
    await first.kill('SIGKILL');
    await written;
  });
  await fixture.nats.restart();
  await fixture.process();
  await waitFor(async () => (await fixture.announced(roomId)).length === 2, 'the announcement', 20_000);
  expect((await fixture.announced(roomId)).map(({ version }) => version)).toEqual([2, 3]);
  const again = valueOf(await fixture.bus.call(rooms.get, { actorId: owner.userId, roomId }));
  expect(again).toMatchObject({ version: 3, content: { kind: 'whole', text: '"ba"' } });
});
