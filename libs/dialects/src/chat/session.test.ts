import {
  auth,
  fail,
  membershipChanged,
  newUserId,
  ok,
  presence,
  servers,
  voice,
  type Outcome,
  type ServerId,
  type UserId,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { JoinResult } from '../command.js';
import { aConnection, aLogin, anEvent, aPresence, aServer, aSession, joinsAt, MINUTE } from '../testing/chat.js';
import { chat } from './index.js';
import { keepAlive } from './keepalive.js';

const anyText: unknown = expect.any(String);
const bob = newUserId();
const signalTo = (to: UserId) => ({ op: 'VOICE_SIGNAL', d: { to_user_id: to, signal: { type: 'offer' } } });
const refused = (code: string, op: string, more: object = {}) => ({
  op: 'DISPATCH',
  t: 'ERROR',
  d: { code, message: anyText, op, ...more },
});
const membership = (userId: UserId, serverId: ServerId, change: 'joined' | 'left', sequence = 1) =>
  anEvent(membershipChanged, userId, { userId, serverId, change }, { sequence });

describe('handshake', () => {
  it('HS1: is served on a path of its own, and on /ws where topics is not', () => {
    expect(chat.endpoints).toEqual([{ path: '/ws/chat' }, { path: '/ws' }]);
  });

  it.each([
    ['no token', undefined, 'an access token is required'],
    ['a rejected token', fail('unauthenticated', 'The access token has expired'), 'The access token has expired'],
  ])('HS3: %s closes with 4001, without a frame', async (_, token, reason) => {
    const harness = aSession();
    await harness.open(token);
    expect(harness.takeLog()).toEqual([{ kind: 'close', code: 4001, reason }]);
    await harness.send({ op: 'HEARTBEAT' });
    expect(harness.log).toEqual([]);
  });

  it('HS4: one connection too many is closed', async () => {
    const harness = aSession();
    harness.logIn = fail('limit_exceeded', 'too many');
    await harness.open(ok(aLogin()));
    expect(harness.log.slice(1)).toEqual([{ kind: 'close', code: 1008, reason: 'too many connections' }]);
  });

  const again = { kind: 'close', code: 1013, reason: 'try again later' };

  it('HS5: a bus that is away closes with 1013, whenever it goes', async () => {
    for (const joins of [0, 1]) {
      const harness = aSession([aServer()]);
      const answers = [...Array<Outcome<readonly JoinResult[], 'unavailable'>>(joins).fill(joinsAt([1, 1])([]))];
      harness.join = () => answers.shift() ?? fail('unavailable', 'away');
      await harness.open(ok(aLogin()));
      expect(harness.log.at(-1)).toEqual(again);
      expect(harness.take()).toEqual([]);
    }
  });

  it('HS5: a service that is away closes with 1013, a user who is gone with 4001', async () => {
    const away = fail('unavailable', 'away');
    const spoil: readonly ((harness: ReturnType<typeof aSession>) => void)[] = [
      (harness) => harness.answer(auth.getUser, () => fail('timeout', 'slow')),
      (harness) => harness.answer(servers.list, () => away),
      (harness) => harness.answer(presence.chosen, () => away),
    ];
    for (const one of spoil) {
      const harness = aSession();
      one(harness);
      await harness.open(ok(aLogin()));
      expect(harness.log.at(-1)).toEqual(again);
    }
    const harness = aSession();
    harness.answer(auth.getUser, () => fail('not_found', 'gone'));
    await harness.open(ok(aLogin()));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 4001, reason: 'no such user' });
  });

  it('HS6, HS8, SV1: hears of memberships first, then lists, then joins, then tells', async () => {
    const [one, two] = [aServer(), aServer()];
    const harness = aSession([one, two]);
    const login = aLogin();
    await harness.open(ok(login));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['log-in', 'join', 'call', 'call', 'call', 'join', 'frame']);
    expect(harness.log.filter(({ kind }) => kind === 'join')).toEqual([
      {
        kind: 'join',
        requests: [{ subject: `evt.membership.${login.userId}` }, { subject: `evt.user.${login.userId}.*` }],
      },
      { kind: 'join', requests: [{ subject: `evt.server.${one.id}` }, { subject: `evt.server.${two.id}` }] },
    ]);
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { servers: [{ id: one.id }, { id: two.id }] } }]);
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
  });

  it('HS7: tells the chosen status, the invisible too', async () => {
    const harness = aSession();
    harness.answer(presence.chosen, () => ok({ status: 'offline' }));
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { user: { status: 'offline' }, servers: [] } }]);
  });

  it('HS8: a server that was left while the list was made is not in it, one that was joined again is', async () => {
    const [gone, back, kept] = [aServer(), aServer(), aServer()];
    const login = aLogin();
    const harness = aSession();
    harness.answer(servers.list, () => {
      harness.session.observed(membership(login.userId, gone.id, 'left'));
      harness.session.observed(membership(login.userId, back.id, 'left'));
      harness.session.observed(membership(login.userId, back.id, 'joined'));
      return ok({ servers: [gone, back, kept] });
    });
    await harness.open(ok(login));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { servers: [{ id: back.id }, { id: kept.id }] } }]);
  });
});

describe('the token', () => {
  it('HS9: ends the connection when it ends', async () => {
    const harness = await aConnection();
    await harness.fire('token-expired');
    expect(harness.takeLog()).toEqual([{ kind: 'close', code: 4001, reason: 'token expired' }]);
    await harness.send({ op: 'HEARTBEAT' });
    expect(harness.log).toEqual([]);
  });

  it('HS10: is renewed in place', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const fresh = aLogin({ userId: login.userId, expiresAt: login.expiresAt + 15 * MINUTE });
    harness.tokens.set('fresh', fresh);
    await harness.send({ op: 'AUTH', d: { token: 'fresh' } });
    expect(harness.log[0]).toEqual({ kind: 'renew', login: fresh });
    expect(harness.take()).toEqual([
      { op: 'DISPATCH', t: 'AUTH_RENEWED', d: { expires_at: new Date(fresh.expiresAt).toISOString() } },
    ]);
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
  });

  it('HS11: stays as it is when the new one is no good', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.tokens.set('foreign', aLogin());
    await harness.send({ op: 'AUTH', d: { token: 'rubbish' } });
    await harness.send({ op: 'AUTH', d: { token: 'foreign' } });
    expect(harness.take()).toEqual([refused('unauthenticated', 'AUTH'), refused('forbidden', 'AUTH')]);
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
  });
});

describe('keep-alive', () => {
  it.each([{ op: 'HEARTBEAT' }, { op: 'HEARTBEAT', t: null, d: null }])(
    'UP2: %j is acknowledged',
    async (heartbeat) => {
      const harness = await aConnection();
      await harness.send(heartbeat);
      expect(harness.take()).toEqual([{ op: 'HEARTBEAT_ACK', t: null, d: null }]);
    },
  );

  it('KA1, KA2: asks on the level of WebSocket only, and gives up after 75 s', () => {
    expect(keepAlive).toEqual({ probeAfterMs: 30_000, silentAfterMs: 75_000 });
  });
});

describe('presence', () => {
  it.each([
    ['online', 'online'],
    ['idle', 'idle'],
    ['dnd', 'dnd'],
    ['offline', 'offline'],
    ['away', 'idle'],
  ])('UP3, UP4: %s is set as %s, by this connection', async (sent, status) => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(presence.setStatus, () => ok(aPresence()));
    await harness.send({ op: 'PRESENCE_UPDATE', d: { status: sent } });
    expect(harness.calls('presence.set-status').map(({ request }) => request)).toEqual([
      { userId: login.userId, status, by: anyText },
    ]);
    expect(harness.take()).toEqual([]);
  });

  it('UP7: that could not be set is told', async () => {
    const harness = await aConnection();
    harness.answer(presence.setStatus, () => fail('timeout', 'slow'));
    await harness.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
    expect(harness.take()).toEqual([refused('unavailable', 'PRESENCE_UPDATE')]);
  });
});

describe('signals', () => {
  it('UP5: are relayed as they were written, and not answered', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(voice.signal, () => ok({}));
    const signal = '{ "sdp" : "v=0\\r\\n", "n": 1.0 }';
    await harness.receive({
      data: `{"op":"VOICE_SIGNAL","d":{"to_user_id":"${bob}","signal":${signal}}}`,
      binary: false,
    });
    const [call, ...more] = harness.calls('signaling.relay-voice-signal');
    expect(call?.request).toEqual({ userId: login.userId, toUserId: bob });
    expect(new TextDecoder().decode(call?.body)).toBe(signal);
    expect(more).toEqual([]);
    expect(harness.take()).toEqual([]);
  });

  it.each([
    ['forbidden', fail('forbidden', 'Not in the same voice channel'), 'forbidden'],
    ['too_large', fail('too_large', 'Too large'), 'too_large'],
    ['timeout', fail('timeout', 'slow'), 'unavailable'],
  ] as const)('UP7: %s is told, and the connection goes on', async (_, answer, code) => {
    const harness = await aConnection();
    harness.answer(voice.signal, () => answer);
    await harness.send(signalTo(bob));
    await harness.send({ op: 'HEARTBEAT' });
    expect(harness.take()).toMatchObject([refused(code, 'VOICE_SIGNAL'), { op: 'HEARTBEAT_ACK' }]);
  });
});

describe('bad input', () => {
  it.each([
    ['{', /^frame: /],
    ['{"op":"DANCE"}', /^op: .*DANCE/],
    ['{"op":"DISPATCH","t":"READY","d":{}}', /^op: /],
    ['{"op":"PRESENCE_UPDATE","d":{"status":"asleep"}}', /^d\.status: /],
    [JSON.stringify({ op: '😀'.repeat(200) }), /^op: /],
  ])('ER1: %s closes with 4002, and says why', async (data, reason) => {
    const harness = await aConnection();
    await harness.receive({ data, binary: false });
    await harness.send({ op: 'HEARTBEAT' });
    const why: unknown = expect.stringMatching(reason);
    expect(harness.log).toEqual([{ kind: 'close', code: 4002, reason: why }]);
  });

  it('ER1: so does a binary frame', async () => {
    const harness = await aConnection();
    await harness.receive({ data: Uint8Array.of(1, 2, 3), binary: true });
    expect(harness.log).toMatchObject([{ kind: 'close', code: 4002 }]);
  });
});

describe('rate', () => {
  const limits = { messagesPerSecond: 10, messageBurst: 2, subscriptions: 5 };

  it('LM1: beyond it signals are refused until it has recovered, and heartbeats go on', async () => {
    const harness = await aConnection(aLogin(), [], { limits });
    harness.answer(voice.signal, () => ok({}));
    for (let i = 0; i < 3; i++) await harness.send(signalTo(bob));
    await harness.send({ op: 'HEARTBEAT' });
    expect(harness.take()).toEqual([
      refused('rate_limited', 'VOICE_SIGNAL', { retry_after_ms: 100 }),
      { op: 'HEARTBEAT_ACK', t: null, d: null },
    ]);
    harness.now += 100;
    await harness.send(signalTo(bob));
    expect(harness.take()).toEqual([]);
  });

  it('LM2: beyond it anything else ends the connection', async () => {
    const harness = await aConnection(aLogin(), [], { limits });
    for (let i = 0; i < 4; i++) await harness.send({ op: 'HEARTBEAT' });
    expect(harness.log.map(({ kind }) => kind)).toEqual(['frame', 'frame', 'close']);
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1008, reason: 'too many messages' });
  });
});
