import {
  newConnectionId,
  newLoginId,
  newUserId,
  type DialectName,
  type OpenedConnection,
  type UserId,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { admit, ConnectionCounts } from './connection.js';
import { connectionLimits } from './presence.options.js';

const limits = { total: 3, byDialect: { collab: 1 } };

function opened(userId: UserId, dialect: DialectName): OpenedConnection {
  const ids = { connectionId: newConnectionId(), loginId: newLoginId() };
  return { ...ids, userId, dialect, address: '192.0.2.1', connectedAt: 1 };
}

describe('admission', () => {
  it('accepts in order until the limit, each user for themselves', () => {
    const [a, b] = [newUserId(), newUserId()];
    const asked = [...Array.from({ length: 4 }, () => opened(a, 'chat')), opened(b, 'chat')];
    const { accepted, refused, limit } = admit(asked, new ConnectionCounts(), limits);
    expect(accepted).toEqual([...asked.slice(0, 3), asked[4]]);
    expect(refused).toEqual([asked[3]?.connectionId]);
    expect(limit).toBe(3);
  });

  it('counts what is open already', () => {
    const user = newUserId();
    const counts = new ConnectionCounts();
    counts.add(user, 'topics', 3);
    expect(admit([opened(user, 'chat')], counts, limits).refused).toHaveLength(1);
  });

  it('has limits for single dialects', () => {
    const user = newUserId();
    const asked = [opened(user, 'collab'), opened(user, 'collab'), opened(user, 'chat')];
    const { accepted, limit } = admit(asked, new ConnectionCounts(), limits);
    expect(accepted).toEqual([asked[0], asked[2]]);
    expect(limit).toBe(1);
  });
});

describe('the option of limits per dialect', () => {
  it('is read', () => {
    const options = { userConnectionsMax: 9, userConnectionsByDialect: ['collab=5', 'party=2'] };
    expect(connectionLimits(options)).toEqual({ total: 9, byDialect: { collab: 5, party: 2 } });
  });

  it.each(['Collab=5', 'collab', 'collab=0', 'collab=x'])('refuses %s in one line', (item) => {
    expect(() => connectionLimits({ userConnectionsMax: 9, userConnectionsByDialect: [item] })).toThrow(
      `PARLEY_USER_CONNECTIONS_BY_DIALECT: expected dialect=number, got "${item}"`,
    );
  });
});
