import { newUserId, type ChannelId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessFixture } from './test/process-fixture.js';

const GHOST_BOUND_MS = 15_000;
const GRACE_MS = 10_000;
let fixture: ProcessFixture;

beforeEach(async () => {
  fixture = await ProcessFixture.start();
});
afterEach(() => fixture.stop());

it('a gateway killed with SIGKILL leaves no ghosts after 15 seconds, and takes nobody else along', async () => {
  await Promise.all([fixture.service('presence'), fixture.service('signaling'), fixture.service('signaling')]);
  const [dying, living] = await Promise.all([fixture.gateway(), fixture.gateway()]);
  const alone = Array.from({ length: 12 }, newUserId);
  const [both, elsewhere, moved] = [newUserId(), newUserId(), newUserId()];
  const server = fixture.messaging.server(...alone, both, elsewhere, moved);
  const channel = fixture.messaging.channel(server);
  for (const user of [...alone, both, moved]) await fixture.connect(dying.gatewayId, user);
  for (const user of [both, elsewhere]) await fixture.connect(living.gatewayId, user);
  for (const user of [...alone, both, elsewhere, moved]) await fixture.join(user, channel);

  await dying.process.kill('SIGKILL');
  const killedAt = performance.now();
  await fixture.connect(living.gatewayId, moved);
  for (const user of alone) {
    await waitFor(
      async () => (await fixture.pathOf(user)).length === 2,
      `${user} to be announced as gone`,
      GHOST_BOUND_MS - (performance.now() - killedAt),
    );
  }
  for (const user of alone) {
    expect(await fixture.pathOf(user)).toEqual([
      [server, channel],
      [server, null],
    ]);
  }
  expect(await fixture.inChannel(both, channel)).toEqual([both, elsewhere, moved]);
  for (const user of [both, elsewhere, moved]) expect(await fixture.pathOf(user)).toEqual([[server, channel]]);
});

it('an owner killed with SIGKILL loses nothing that it answered, and no move is told twice or out of order', async () => {
  const [doomed] = await Promise.all([fixture.service('signaling'), fixture.service('signaling')]);
  const users = Array.from({ length: 24 }, newUserId);
  const [one, two] = [fixture.messaging.server(...users), fixture.messaging.server(...users)];
  const [a, b] = [fixture.messaging.channel(one), fixture.messaging.channel(two)];
  const steps = 12;
  await Promise.all(
    users.map(async (user, index) => {
      for (let step = 0; step < steps; step++) {
        if (index === 0 && step === 5) await doomed.kill('SIGKILL');
        await fixture.join(user, step % 2 === 0 ? a : b);
      }
    }),
  );
  const path = Array.from({ length: steps }, (_, step) => (step % 2 === 0 ? [one, a] : [two, b])).flatMap(
    ([server, channel], step) =>
      step === steps - 1
        ? [[server, channel]]
        : [
            [server, channel],
            [server, null],
          ],
  );
  for (const user of users) {
    await waitFor(async () => (await fixture.pathOf(user)).length >= path.length, `all moves of ${user}`, 20_000);
    expect(await fixture.pathOf(user)).toEqual(path);
  }
  const [first = newUserId()] = users;
  expect(await fixture.inChannel(first, a)).toEqual([]);
  expect([...(await fixture.inChannel(first, b))].sort()).toEqual([...users].sort());
});

it('while presence is dead nobody leaves, nor those who reconnected meanwhile when it is back', async () => {
  const [presence] = await Promise.all([fixture.service('presence'), fixture.service('signaling')]);
  const { gatewayId } = await fixture.gateway();
  const [stays, reconnects, leaves] = [newUserId(), newUserId(), newUserId()];
  const server = fixture.messaging.server(stays, reconnects, leaves);
  const channel: ChannelId = fixture.messaging.channel(server);
  await fixture.connect(gatewayId, stays);
  const before = await fixture.connect(gatewayId, reconnects);
  const last = await fixture.connect(gatewayId, leaves);
  for (const user of [stays, reconnects, leaves]) await fixture.join(user, channel);

  await fixture.disconnect(gatewayId, reconnects, before);
  await fixture.disconnect(gatewayId, leaves, last);
  await presence.kill('SIGKILL');
  // Longer than anybody may be gone.
  await sleep(GRACE_MS + 2_000);
  expect(await fixture.inChannel(stays, channel)).toEqual([stays, reconnects, leaves]);
  // Both at once: whichever way the race goes, the report is not late.
  await Promise.all([presence.restart(), fixture.connect(gatewayId, reconnects)]);
  await waitFor(async () => (await fixture.pathOf(leaves)).length === 2, 'the one who left to be gone', 30_000);
  expect(await fixture.inChannel(stays, channel)).toEqual([stays, reconnects]);
});
