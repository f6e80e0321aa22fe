import { auth as contract } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { address, must, startWorld, type World } from './testing/world.js';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const logIn = (password: string) => world.bus.call(contract.login, { username: 'demo', password, address });

describe('the demo account', () => {
  it('is made once, by whichever replica is first, and stays as it is', async () => {
    const env = { PARLEY_DEMO_ACCOUNT: 'demo:a:password' };
    const replicas = await Promise.all([world.replica(env), world.replica(env)]);
    const { user } = await must(logIn('a:password'));
    expect(user.username).toBe('demo');
    for (const replica of replicas) await replica.stop();

    await world.replica({ PARLEY_DEMO_ACCOUNT: 'demo:another password' });
    expect((await must(logIn('a:password'))).user.id).toBe(user.id);
    expect((await logIn('another password')).ok).toBe(false);
  });

  it.each(['demo', 'demo:short', ':long enough', 'de mo:long enough'])('cannot be "%s"', async (text) => {
    await expect(world.replica({ PARLEY_DEMO_ACCOUNT: text })).rejects.toThrow('PARLEY_DEMO_ACCOUNT');
  });
});
