import {
  auth,
  fail,
  joinEnvelope,
  loginsRevoked,
  LOGINS_REVOKED_ID,
  newConnectionId,
  newLoginId,
  newUserId,
  ok,
  type LoginId,
  type RawEvent,
  type UserId,
} from '@parley/contracts';
import type { Bus } from '@parley/bus';
import type { Login } from '@parley/dialects';
import { afterEach, expect, test, vi } from 'vitest';
import type { Connection } from '../socket/connection.js';
import { LocalBus } from '../testing/local-bus.js';
import { socketPair } from '../testing/socket-pair.js';
import { LiveLogins } from './live-logins.js';
import { LoginChecks } from './login-checks.js';
import { openedOf } from './opened.js';
import { Revocations } from './revocations.js';
import { RevokedLogins } from './revoked-logins.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  vi.useRealTimers();
});

/** A gateway's logins with an account, a guest of theirs, and a guest of nobody. */
async function rig() {
  const logins = new LiveLogins();
  const sponsor = newUserId();
  const account = await enter(logins, { userId: sponsor });
  const guest = await enter(logins, { guest: { sponsor } });
  const stranger = await enter(logins, { guest: {} });
  return { logins, sponsor, account, guest, stranger };
}

async function enter(logins: LiveLogins, over: Partial<Login>): Promise<{ connection: Connection; login: Login }> {
  const pair = await socketPair();
  cleanups.push(() => {
    pair.close();
  });
  const login: Login = {
    userId: newUserId(),
    loginId: newLoginId(),
    username: 'ada',
    expiresAt: Date.now() + 60_000,
    ...over,
  };
  pair.connection.ownedBy(login);
  logins.add(pair.connection);
  return { connection: pair.connection, login };
}

function revokedEvent(userId: UserId, loginIds: LoginId[], reason: 'logout' | 'revoked'): RawEvent {
  return {
    subject: loginsRevoked.subject(LOGINS_REVOKED_ID),
    kind: loginsRevoked.kind,
    id: LOGINS_REVOKED_ID,
    sequence: 1,
    previous: 0,
    storedAt: 0,
    data: joinEnvelope({ type: 'revoked', userId, loginIds, reason }),
  };
}

function revocations(logins: LiveLogins, events: readonly RawEvent[] = []) {
  const ended: Connection[] = [];
  const revoked = new RevokedLogins(60_000);
  const stored = events.map((event) => ({ ...event, receiptsTo: undefined, traceparent: undefined }));
  const read: Bus['read'] = () => Promise.resolve(ok({ events: stored, more: false, firstSequence: 1 }));
  const end = (connections: readonly Connection[]): void => {
    ended.push(...connections);
  };
  return { ended, revoked, revocations: new Revocations({ bus: { read }, revoked, logins, end }) };
}

test('a guest is found as a user and by who answers for it, but is no login that auth knows', async () => {
  const { logins, sponsor, account, guest, stranger } = await rig();
  expect(logins.logins()).toEqual([account.login.loginId]);
  expect(logins.sponsors()).toEqual([sponsor]);
  expect(logins.guestsOf(sponsor)).toEqual([guest.connection]);
  expect(logins.ofUser(stranger.login.userId)).toEqual([stranger.connection]);
  expect(logins.ofLogin(stranger.login.loginId)).toEqual([stranger.connection]);
  for (const { connection } of [account, guest, stranger]) logins.remove(connection);
  expect([...logins.logins(), ...logins.sponsors(), ...logins.ofUser(guest.login.userId)]).toEqual([]);
});

test('who is thrown out takes their guests along; who logs out does not', async () => {
  const { logins, sponsor, account, guest } = await rig();
  const { revocations: heard, revoked, ended } = revocations(logins);
  heard.heard(revokedEvent(sponsor, [account.login.loginId], 'logout'));
  expect(ended).toEqual([account.connection]);
  expect(revoked.has(account.login.loginId)).toBe(true);
  ended.length = 0;
  heard.heard(revokedEvent(sponsor, [account.login.loginId], 'revoked'));
  expect(ended).toEqual([account.connection, guest.connection]);
});

test('what was revoked before is learnt', async () => {
  const { logins, sponsor, account } = await rig();
  const { revocations: late, revoked } = revocations(logins, [
    revokedEvent(sponsor, [account.login.loginId], 'revoked'),
  ]);
  expect(await late.learn()).toEqual(ok(undefined));
  expect(revoked.has(account.login.loginId)).toBe(true);
});

test('auth is asked about logins of accounts and about who answers for guests, never about guests', async () => {
  const { logins, sponsor, account, guest } = await rig();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const asked: unknown[] = [];
  const answers = new LocalBus([]);
  const call: Bus['call'] = (definition, request, options) => {
    asked.push(request);
    if (definition.verb === auth.getUser.verb) return Promise.resolve(fail('unavailable', 'away'));
    return answers.call(definition, request, options);
  };
  const ended: Connection[] = [];
  const checks = new LoginChecks({ call }, logins, 20_000, 60_000, (connections) => ended.push(...connections));
  checks.start();
  await vi.advanceTimersByTimeAsync(20_000);
  checks.stop();
  expect(asked).toContainEqual({ loginIds: [account.login.loginId] });
  expect(asked).toContainEqual({ userId: sponsor });
  expect(JSON.stringify(asked)).not.toContain(guest.login.loginId);
  // That auth is away says nothing of anybody.
  expect(ended).toEqual([]);
});

test('a guest whose sponsor has no account any more is ended', async () => {
  const { logins, guest } = await rig();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const call: Bus['call'] = (definition) => {
    const [known] = definition.errors.filter((code) => code === 'not_found');
    return Promise.resolve(fail(known ?? 'unavailable', 'no such user'));
  };
  const ended: Connection[] = [];
  const checks = new LoginChecks({ call }, logins, 20_000, 60_000, (connections) => ended.push(...connections));
  checks.start();
  await vi.advanceTimersByTimeAsync(1_000);
  checks.stop();
  expect(ended).toEqual([guest.connection]);
});

test('presence is told who is a guest, and in whose place somebody comes', async () => {
  const { account, guest } = await rig();
  const replaces = newConnectionId();
  expect(openedOf(account.connection, account.login, replaces)).toMatchObject({ replaces });
  expect(openedOf(account.connection, account.login)).not.toHaveProperty('guest');
  expect(openedOf(guest.connection, guest.login)).toMatchObject({ guest: true, userId: guest.login.userId });
});
