import { auth as contract, type ErrorCode, type Outcome } from '@parley/contracts';
import { startPostgres, type TestPostgres } from '@parley/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verified } from './testing/tokens.js';
import { address, must, password, registerUser, startWorld, type World } from './testing/world.js';

let postgres: TestPostgres;
let world: World;

beforeAll(async () => {
  postgres = await startPostgres();
  world = await startWorld(postgres.url);
  await world.replica();
});
afterAll(async () => {
  await world.stop();
  await postgres.stop();
});

function code(outcome: Outcome<unknown>): ErrorCode | 'ok' {
  return outcome.ok ? 'ok' : outcome.error.code;
}

it('answers unavailable while Postgres is down, and goes on when it is back', async () => {
  const { user, refreshToken, accessToken } = await registerUser(world);
  const logIn = () => world.bus.call(contract.login, { username: user.username, password, address });
  const { sid: loginId } = await verified(world.bus, accessToken, world.clock.now);

  await postgres.kill();
  const down = await Promise.all([
    logIn(),
    world.bus.call(contract.refresh, { refreshToken, address }),
    world.bus.call(contract.logout, { loginId }),
    world.bus.call(contract.checkLogins, { loginIds: [loginId] }),
    world.bus.call(contract.keys, {}),
  ]);
  expect(down.map(code)).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable', 'unavailable']);

  await postgres.restart();
  await expect.poll(async () => code(await logIn()), { timeout: 10_000 }).toBe('ok');
  // A refresh that failed has spent nothing.
  await must(world.bus.call(contract.refresh, { refreshToken, address }));
  await must(world.bus.call(contract.logout, { loginId }));
  await expect.poll(() => world.revocations.some((seen) => seen.loginIds.includes(loginId))).toBe(true);
});
