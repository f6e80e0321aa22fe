import { describe, expect, it } from 'vitest';
import { aLogin, aMemberInside, kinds, MINUTE, NOW } from '../../testing/party.js';

function error(code: string, over: object = {}): unknown {
  return expect.objectContaining({ type: 'error', code, ...over });
}

describe('tokens', () => {
  it('HS7: are renewed in place', async () => {
    const login = aLogin();
    const { harness } = await aMemberInside(login);
    const fresh = { ...login, expiresAt: login.expiresAt + 15 * MINUTE };
    harness.tokens.set('fresh', fresh);
    await harness.send({ type: 'auth', timestamp: NOW, token: 'fresh' });
    expect(harness.log[0]).toEqual({ kind: 'renew', login: fresh });
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
    expect(harness.take()).toEqual([{ type: 'auth_renewed', timestamp: harness.now, expiresAt: fresh.expiresAt }]);
  });

  it('HS7: of others, or of nobody, change nothing; guests have none', async () => {
    for (const login of [aLogin(), undefined]) {
      const { harness } = await aMemberInside(login);
      harness.tokens.set('other', aLogin());
      await harness.send({ type: 'auth', timestamp: NOW, token: 'other' });
      await harness.send({ type: 'auth', timestamp: NOW, token: 'garbage' });
      expect(kinds(harness.log)).toEqual(['frame', 'frame']);
      expect(harness.take()).toEqual([error('unauthorized'), error('unauthorized')]);
      expect(harness.timers.has('token-expired')).toBe(login !== undefined);
    }
  });
});
