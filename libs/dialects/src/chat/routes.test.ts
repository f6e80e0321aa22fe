import { fail, newServerId, newUserId, ok, servers } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aSession } from '../testing/chat.js';
import { routes } from './routes.js';

const [route] = routes;
const [ada, bob] = [newUserId(), newUserId()];
const [one, two] = [newServerId(), newServerId()];

describe('the route of presence', () => {
  it('DN3: leads from a user to everyone in their servers, and to the user', async () => {
    const harness = aSession();
    harness.answer(servers.ofUsers, () => ok({ users: [{ userId: ada, serverIds: [one, two] }] }));
    const found = await route?.lookup(harness.caller, [ada, bob, 'not-an-id']);
    expect(Object.fromEntries(found ?? [])).toEqual({
      [ada]: [`evt.user.${ada}.*`, `evt.server.${one}`, `evt.server.${two}`],
      [bob]: [`evt.user.${bob}.*`],
    });
  });

  it('DN3: is asked for again when nobody answers, and when memberships change', async () => {
    const harness = aSession();
    harness.answer(servers.ofUsers, () => fail('timeout', 'slow'));
    expect(await route?.lookup(harness.caller, [ada])).toBeUndefined();
    expect(route).toMatchObject({ subject: 'evt.presence.*', forgottenOn: 'evt.membership.*' });
  });
});
