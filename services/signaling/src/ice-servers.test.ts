import { loadOptions } from '@parley/config';
import { newUserId, voice } from '@parley/contracts';
import { freePort, startChild, type Child } from '@parley/testing';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IceServers, turnCredential } from './ice-servers.js';
import { signalingOptions } from './signaling.options.js';
import { VoiceFixture } from './test/voice-fixture.js';

const NOW = 1_700_000_000_000;
const SECRET = 'not so very secret';

function iceServers(env: Readonly<Record<string, string>>, now = NOW): IceServers {
  return new IceServers(loadOptions(signalingOptions, env), () => now);
}

describe('credentials', () => {
  it('are HMAC-SHA1 as in RFC 2202', () => {
    const hex = Buffer.from(turnCredential('Jefe', 'what do ya want for nothing?'), 'base64').toString('hex');
    expect(hex).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
  });

  it('are for one user and one hour, beside STUN without any', () => {
    const user = newUserId();
    const given = iceServers({
      PARLEY_ICE_STUN_URLS: 'stun:192.0.2.1:3478, stuns:stun.example.org',
      PARLEY_TURN_URLS: 'turn:192.0.2.1:3478?transport=udp,turns:turn.example.org:5349',
      PARLEY_TURN_SECRET: SECRET,
    }).for(user);
    const username = `1700003600:user_${user}`;
    expect(given).toEqual({
      ttl: 3_600,
      iceServers: [
        { urls: ['stun:192.0.2.1:3478', 'stuns:stun.example.org'] },
        {
          urls: ['turn:192.0.2.1:3478?transport=udp', 'turns:turn.example.org:5349'],
          username,
          credential: turnCredential(SECRET, username),
          credentialType: 'password',
        },
      ],
    });
  });

  it('are not given without servers: nobody is contacted unless an operator says so', () => {
    expect(iceServers({}).for(newUserId())).toEqual({ ttl: 3_600, iceServers: [] });
  });
});

it('options that do not fit together stop the start with a clear line', () => {
  expect(() => iceServers({ PARLEY_TURN_URLS: 'turn:192.0.2.1' })).toThrow('PARLEY_TURN_URLS needs PARLEY_TURN_SECRET');
  expect(() => iceServers({ PARLEY_ICE_STUN_URLS: 'http://192.0.2.1' })).toThrow('PARLEY_ICE_STUN_URLS: "http://192');
});

it('answers on the bus', async () => {
  const fixture = await VoiceFixture.start({ PARLEY_ICE_STUN_URLS: 'stun:192.0.2.1', PARLEY_TURN_TTL_SECONDS: '600' });
  try {
    const answer = await fixture.bus.call(voice.iceServers, { userId: newUserId() });
    expect(answer).toEqual({ ok: true, value: { ttl: 600, iceServers: [{ urls: ['stun:192.0.2.1'] }] } });
  } finally {
    await fixture.stop();
  }
});

const hasCoturn = ['turnserver', 'turnutils_uclient'].every((name) => spawnSync('which', [name]).status === 0);

describe.runIf(hasCoturn)('a real coturn', () => {
  let coturn: Child;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const address = ['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${String(port)}`];
    const secret = ['--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=example.org'];
    const rest = ['--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--log-file=stdout'];
    coturn = await startChild({
      name: 'coturn',
      command: 'turnserver',
      args: ['-n', ...address, ...secret, ...rest, '--pidfile=/dev/null'],
    });
    await coturn.line('its listener', 10_000, (line) => line.includes('Total General servers') || undefined);
  });
  afterAll(() => coturn.stop());

  /** Allocates a relay and sends through it. */
  async function relayed(username: string, credential: string): Promise<boolean> {
    const peer = ['-y', '-c', '-n', '5', '-m', '1', '-l', '100', '-p', String(port)];
    const client = await startChild({
      name: 'turnutils_uclient',
      command: 'turnutils_uclient',
      args: ['-u', username, '-w', credential, ...peer, '127.0.0.1'],
    });
    const ended = await Promise.race([
      client.exited.then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 20_000, false)),
    ]);
    if (!ended) await client.kill();
    return client.lines.some((line) => /tot_recv_msgs=[1-9]/.test(line));
  }

  it('accepts what it is given, until it expires', async () => {
    const env = { PARLEY_TURN_URLS: `turn:127.0.0.1:${String(port)}`, PARLEY_TURN_SECRET: SECRET };
    const credentials = (now: number) => {
      const [turn] = iceServers(env, now).for(newUserId()).iceServers;
      return [turn?.username ?? '', turn?.credential ?? ''] as const;
    };
    expect(await relayed(...credentials(Date.now()))).toBe(true);
    expect(await relayed(...credentials(Date.now() - 3_700_000))).toBe(false);
    const [username] = credentials(Date.now());
    expect(await relayed(username, turnCredential('another secret', username))).toBe(false);
  });
});
