import { newLoginId, type UserId } from '@parley/contracts';
import type { Login } from '../command.js';
import type { Endpoint, SessionContext } from '../dialect.js';

export type Role = 'device' | 'viewer';

export const endpoints = [{ path: '/ws/device' }, { path: '/ws/viewer' }] as const satisfies readonly Endpoint[];

export function roleOf({ endpoint }: Pick<SessionContext, 'endpoint'>): Role {
  return endpoint === '/ws/device' ? 'device' : 'viewer';
}

/** The key that came with the upgrade: `?key=`, or where access tokens come. */
export function keyOf({ query, token }: Pick<SessionContext, 'query' | 'token'>): string | undefined {
  const key = query.get('key') ?? token;
  return key === undefined || key === '' || key.length > 200 ? undefined : key;
}

/** A device has no account; its owner answers for it. */
export function deviceLogin(deviceId: string, principalId: UserId, ownerId: UserId): Login {
  return {
    userId: principalId,
    loginId: newLoginId(),
    username: deviceId,
    expiresAt: Number.MAX_SAFE_INTEGER,
    guest: { sponsor: ownerId },
  };
}
