import { gatewayLost, GATEWAY_LOST_ID, newGatewayId, newMessageId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aGuest, SessionFixture, valueOf } from './test/session-fixture.js';

let fixture: SessionFixture;

beforeEach(async () => {
  fixture = await SessionFixture.start();
});
afterEach(() => fixture.stop());

it('a lost gateway: the places of its members are held, told in one go; others are not touched', async () => {
  const gatewayId = newGatewayId();
  const party = await fixture.party();
  const there = await Promise.all(
    Array.from({ length: 4 }, () => fixture.join(party, aGuest('client', { gatewayId }))),
  );
  const elsewhere = await fixture.join(party, aGuest());
  valueOf(
    await fixture.bus.publish(
      gatewayLost,
      GATEWAY_LOST_ID,
      { gatewayId, graceful: false },
      { messageId: newMessageId() },
    ),
  );
  const told = await fixture.untilHeard(party, 'members');
  const away = told.members.filter(({ connectionStatus }) => connectionStatus === 'reconnecting').map(({ id }) => id);
  expect(new Set(away)).toEqual(new Set(there.map(({ memberId }) => memberId)));
  expect(await fixture.status(party, elsewhere.memberId)).toBe('connected');
});

it('a connection whose end nobody told of is found by asking presence, once it is some time old', async () => {
  const party = await fixture.party();
  const [ghost, living] = [aGuest(), aGuest()];
  const [lost, stays] = [await fixture.join(party, ghost), await fixture.join(party, living)];
  fixture.presence.gone.add(ghost.connectionId);
  // By the test's clock they have only just come.
  expect(fixture.presence.asked).toBe(0);
  expect(await fixture.status(party, lost.memberId)).toBe('connected');
  fixture.pass(10_000);
  await waitFor(
    async () => (await fixture.status(party, lost.memberId)) === 'reconnecting',
    'the ghost to be found',
    5_000,
  );
  expect(await fixture.status(party, stays.memberId)).toBe('connected');
});
