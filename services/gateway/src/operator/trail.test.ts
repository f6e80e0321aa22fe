import { newConnectionId, newGatewayId, newLoginId, newUserId, type UserId } from '@parley/contracts';
import { expect, test } from 'vitest';
import { Trail, type Seen } from './trail.js';

const gatewayId = newGatewayId();

function seen(userId: UserId, more: Partial<Seen> = {}): Seen {
  return {
    id: newConnectionId(),
    address: '192.0.2.1',
    connectedAt: 1_000,
    login: { userId, loginId: newLoginId(), username: 'ada', expiresAt: 0 },
    ended: undefined,
    closure: undefined,
    dialect: { name: 'chat' },
    ...more,
  };
}

test('what happened to a connection is told, newest first, also when it is gone', () => {
  let now = 1_500;
  const trail = new Trail(gatewayId, undefined, () => now);
  const userId = newUserId();
  const connection = seen(userId);
  trail.connected(connection);
  trail.judged(connection, 'accepted');
  now = 9_000;
  trail.closed({ ...connection, ended: 'revoked', closure: { code: 4004, here: true } });
  const { id: connectionId, login } = connection;
  const common = { gatewayId, connectionId, loginId: login?.loginId, dialect: 'chat' };
  expect(trail.of(userId, 10)).toEqual([
    { ...common, what: 'closed', at: 9_000, code: 4004, reason: 'revoked' },
    { ...common, what: 'logged_in', at: 1_500 },
    { ...common, what: 'connected', at: 1_000, address: '192.0.2.1' },
  ]);
  expect(trail.of(userId, 1)).toHaveLength(1);
  expect(trail.of(newUserId(), 10)).toEqual([]);
});

test('who closed, and why', () => {
  const trail = new Trail(gatewayId);
  const userId = newUserId();
  trail.closed(seen(userId, { closure: { code: 1006, here: false } }));
  trail.closed(seen(userId, { closure: { code: 4002, here: true } }));
  trail.closed(seen(userId, { closure: { code: 1001, here: true }, ended: 'idle' }));
  expect(trail.of(userId, 10).map(({ code, reason }) => [code, reason])).toEqual([
    [1001, 'idle'],
    [4002, 'protocol'],
    [1006, 'client'],
  ]);
});

test('one that is refused is told of, one that left before it was judged is not', () => {
  const trail = new Trail(gatewayId);
  const userId = newUserId();
  trail.judged(seen(userId), 'refused');
  trail.judged(seen(userId, { closure: { code: 1000, here: false } }), 'accepted');
  expect(trail.of(userId, 10)).toMatchObject([{ what: 'refused', reason: 'too_many_connections' }]);
});

test('guests and strangers leave none', () => {
  const trail = new Trail(gatewayId);
  const userId = newUserId();
  trail.connected(seen(userId, { login: { userId, loginId: newLoginId(), username: '', expiresAt: 0, guest: {} } }));
  trail.closed(seen(userId, { login: undefined }));
  expect(trail.of(userId, 10)).toEqual([]);
});

test('it is bounded: for each user, for all, and by age', () => {
  let now = 0;
  const trail = new Trail(gatewayId, { perUser: 3, entries: 5, ageMs: 100 }, () => now);
  const [quiet, busy, late] = [newUserId(), newUserId(), newUserId()];
  const close = (userId: UserId): void => {
    now += 1;
    trail.closed(seen(userId));
  };
  close(quiet);
  for (let times = 0; times < 5; times++) close(busy);
  expect([trail.of(quiet, 10).length, trail.of(busy, 10).map(({ at }) => at)]).toEqual([1, [6, 5, 4]]);
  close(late);
  close(late);
  expect([quiet, busy, late].map((userId) => trail.of(userId, 10).length)).toEqual([0, 3, 2]);
  now = 106;
  expect(trail.of(busy, 10).map(({ at }) => at)).toEqual([6]);
});
