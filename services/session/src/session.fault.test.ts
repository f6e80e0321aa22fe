import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessFixture } from './test/process-fixture.js';
import { aGuest, again } from './test/session-fixture.js';

/** From the end of a gateway to its members being shown as away: its lease, and the telling. */
const NOTICED_MS = 15_000;
let fixture: ProcessFixture;

beforeEach(async () => {
  fixture = await ProcessFixture.start();
});
afterEach(() => fixture.stop());

it('an owner killed with SIGKILL loses nothing that it answered, and nothing is told twice or out of order', async () => {
  const [doomed] = await Promise.all([fixture.service('session'), fixture.service('session')]);
  const parties = await Promise.all(Array.from({ length: 24 }, () => fixture.party()));
  const rounds = 6;
  const stayed = await Promise.all(
    parties.map(async (party, index) => {
      for (let round = 0; round < rounds; round++) {
        if (index === 0 && round === 3) await doomed.kill('SIGKILL');
        const guest = aGuest();
        await fixture.join(party, guest);
        await fixture.leave(party, guest);
      }
      return (await fixture.join(party, aGuest())).memberId;
    }),
  );
  for (const [index, party] of parties.entries()) {
    const story = async () => (await fixture.newsOf(party)).filter(({ type }) => type.startsWith('member_'));
    await waitFor(async () => (await story()).length >= 2 * rounds + 1, 'everything to be told', 20_000);
    const inside = new Set<string>();
    for (const news of await story()) {
      if (news.type === 'member_joined') inside.add(news.member.id);
      if (news.type === 'member_left') expect(inside.delete(news.memberId)).toBe(true);
      expect(inside.size).toBeLessThanOrEqual(1);
    }
    expect(await story()).toHaveLength(2 * rounds + 1);
    expect((await fixture.members(party)).map(({ id }) => id)).toEqual([stayed[index]]);
    expect([...inside]).toEqual([stayed[index]]);
  }
});

it('a full party stays full when its owner is killed while everybody wants in', async () => {
  const [doomed] = await Promise.all([fixture.service('session'), fixture.service('session')]);
  const parties = await Promise.all(Array.from({ length: 8 }, () => fixture.party(3)));
  const crowds = parties.map(async (party) => {
    const asked = await Promise.allSettled(Array.from({ length: 12 }, () => fixture.join(party, aGuest())));
    return asked.filter(({ status }) => status === 'fulfilled').length;
  });
  await doomed.kill('SIGKILL');
  expect(await Promise.all(crowds)).toEqual(parties.map(() => 3));
  for (const party of parties) expect(await fixture.members(party)).toHaveLength(3);
});

it('a gateway killed with SIGKILL: its members are away, get their places back elsewhere, or lose them in the end', async () => {
  const settings = { PARLEY_SESSION_GRACE_MS: '9000', PARLEY_SESSION_RECONNECT_MS: '4000' };
  await Promise.all([
    fixture.service('presence'),
    fixture.service('session', settings),
    fixture.service('session', settings),
  ]);
  const [dying, living] = await Promise.all([fixture.gateway(), fixture.gateway()]);
  const party = await fixture.party();
  const guests = Array.from({ length: 4 }, () => aGuest('client', { gatewayId: dying.gatewayId }));
  const [returning, ...staying] = await Promise.all(guests.map((guest) => fixture.join(party, guest)));
  const elsewhere = await fixture.join(party, aGuest('client', { gatewayId: living.gatewayId }));

  await dying.process.kill('SIGKILL');
  const away = async () =>
    (await fixture.members(party)).filter(({ connectionStatus }) => connectionStatus === 'reconnecting').length;
  await waitFor(async () => (await away()) === 4, 'its members to be away', NOTICED_MS);
  const [first = aGuest()] = guests;
  const back = await fixture.join(party, { ...again(first), gatewayId: living.gatewayId });
  expect(back.memberId).toBe(returning?.memberId);
  await waitFor(async () => (await fixture.members(party)).length === 2, 'the others to lose their places', 20_000);
  expect((await fixture.members(party)).map(({ id }) => id).sort()).toEqual([back.memberId, elsewhere.memberId].sort());
  const left = (await fixture.newsOf(party)).flatMap((news) => (news.type === 'member_left' ? [news] : []));
  expect(new Set(left.map(({ memberId }) => memberId))).toEqual(new Set(staying.map(({ memberId }) => memberId)));
  expect(left.every(({ reason }) => reason === 'timeout')).toBe(true);
});
