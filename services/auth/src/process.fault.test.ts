import { auth as contract, compile, type LoginId } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import type { Child } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnProcess, startProcess } from './testing/process.js';
import { loginOf, verified } from './testing/tokens.js';
import { address, must, password, registerUser, startWorld, type World } from './testing/world.js';

let world: World;
let children: Child[];

beforeEach(async () => {
  world = await startWorld();
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.kill();
  await world.stop();
});

async function start(env: Record<string, string> = {}): Promise<Child> {
  const child = await startProcess(world, env);
  children.push(child);
  return child;
}

/** Keeps every relay from announcing anything, while revocations still commit. Resolves to what ends that. */
async function holdAnnouncements(): Promise<() => Promise<void>> {
  const client = await world.database.dedicated(60_000);
  await client.query('SET idle_in_transaction_session_timeout = 0');
  const insert = `INSERT INTO outbox (subject, data, message_id) VALUES ('in.events.auth.none', '{}', 'none') RETURNING id`;
  await client.query(insert);
  await client.query('BEGIN');
  const held = await client.query(`DELETE FROM outbox WHERE message_id = 'none'`);
  expect(held.rowCount).toBe(1);
  return async () => {
    await client.query('COMMIT');
    await client.end();
  };
}

async function someLogin(): Promise<LoginId> {
  return loginOf(world.bus, (await registerUser(world)).accessToken, world.clock.now);
}

function tellings(loginId: LoginId): number {
  return world.revocations.filter((seen) => seen.loginIds.includes(loginId)).length;
}

describe('a revocation that was committed and not announced', () => {
  it('is announced by the next start when its process was killed', async () => {
    const first = await start();
    const loginId = await someLogin();
    const release = await holdAnnouncements();
    await must(world.bus.call(contract.logout, { loginId }));
    await first.kill('SIGKILL');
    await release();
    expect(tellings(loginId)).toBe(0);

    await start();
    await expect.poll(() => tellings(loginId), { timeout: 5_000 }).toBe(1);
    expect(await must(world.bus.call(contract.checkLogins, { loginIds: [loginId] }))).toEqual({ invalid: [loginId] });
  });

  it('is announced by another replica', async () => {
    const first = await start();
    const loginId = await someLogin();
    const release = await holdAnnouncements();
    await must(world.bus.call(contract.logout, { loginId }));
    await start();
    await first.kill('SIGKILL');
    await release();
    await expect.poll(() => tellings(loginId), { timeout: 10_000 }).toBe(1);
  });
});

describe('the process', () => {
  it('goes on where the one before it was, with its accounts, logins and keys', async () => {
    const first = await start({ PARLEY_DEMO_ACCOUNT: 'demo:parley-demo' });
    const demo = { username: 'demo', password: 'parley-demo', address };
    await must(world.bus.call(contract.login, demo));
    const grant = await registerUser(world);
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    await start({ PARLEY_DEMO_ACCOUNT: 'demo:parley-demo' });
    expect((await verified(world.bus, grant.accessToken, Date.now())).sub).toBe(grant.user.id);
    await must(world.bus.call(contract.refresh, { refreshToken: grant.refreshToken, address }));
    await must(world.bus.call(contract.login, { username: grant.user.username, password, address }));
    await must(world.bus.call(contract.login, demo));
  });

  it('says in one line why it cannot start, and exits with 1', async () => {
    const child = await spawnProcess(world, { PARLEY_DEMO_ACCOUNT: 'demo:short' });
    children.push(child);
    expect((await child.exited).code).toBe(1);
    expect(child.tail()).toContain('PARLEY_DEMO_ACCOUNT');
    expect(child.tail()).not.toContain('    at ');
  });

  it('shows its metrics', async () => {
    const child = await start();
    await registerUser(world);
    const ready = compile(Type.Object({ ready: Type.Literal(true), port: Type.Integer() }));
    const port = await child.line('its port', 1_000, (line) => {
      const parsed: unknown = line.startsWith('{"ready"') ? JSON.parse(line) : undefined;
      return ready.is(parsed) ? parsed.port : undefined;
    });
    const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
    expect(text).toMatch(/parley_auth_registrations_total\{[^}]*result="ok"[^}]*\} 1\b/);
    expect(text).toMatch(/parley_auth_hash_duration_seconds_count/);
  });
});
