import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { Accounts } from '../accounts.js';
import { Rest } from '../rest.js';
import { startClusterUnderTest, type ClusterUnderTest } from '../testing/cluster-under-test.js';
import { RealtimeProtocolClient } from './printed-client.js';

let world: ClusterUnderTest;

beforeAll(async () => {
  // Where Node has no WebSocket of its own yet.
  vi.stubGlobal('WebSocket', WebSocket);
  // It tells the console whatever happens.
  for (const method of ['log', 'warn', 'error'] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  world = await startClusterUnderTest({ dialect: 'topics', tokenSeconds: 31 });
});

afterAll(async () => {
  await world.stop();
  vi.unstubAllGlobals();
});

/** What the handler of a type has been told, as it comes. */
function heard(client: RealtimeProtocolClient, type: string): Promise<unknown> {
  return new Promise((resolve) => {
    client.on(type, resolve);
  });
}

it('the client printed in the document works as it stands', async () => {
  const { settings } = world;
  const accounts = new Accounts(new Rest(settings.rest ?? '', settings.apiKey), []);
  const [one, two] = [await accounts.borrow(true), await accounts.borrow(true)];
  const alice = new RealtimeProtocolClient(settings.url, one.token);
  const bob = new RealtimeProtocolClient(settings.secondUrl ?? settings.url, two.token);
  const welcome = heard(alice, 'Status');
  await alice.connect();
  await bob.connect();
  expect(await welcome).toMatchObject({ status: 'connected' });

  const subscribed: unknown = await bob.subscribe(['chat.general', 'notifications']);
  expect(subscribed).toEqual({ message_id: 'msg_1', status: 'subscribed' });

  const broadcast = heard(bob, 'Broadcast');
  const sent: unknown = await alice.broadcast('chat.general', { message: 'Hello from TypeScript client!' });
  expect(sent).toEqual({ message_id: 'msg_1', status: 'delivered', recipients: 1 });
  expect(await broadcast).toMatchObject({
    topic: 'chat.general',
    payload: { message: 'Hello from TypeScript client!' },
  });

  const direct = heard(bob, 'DirectMessage');
  const delivered: unknown = await alice.sendDirectMessage(two.id, { message: 'Private message' });
  expect(delivered).toMatchObject({ message_id: 'msg_2', status: 'delivered', delivered_to: [expect.any(String)] });
  expect(await direct).toMatchObject({ from_user: one.id, payload: { message: 'Private message' } });

  const presence = heard(alice, 'Presence');
  await alice.subscribe([`presence.${two.id}`]);
  void bob.send('Presence', { status: 'dnd' });
  expect(await presence).toMatchObject({ user_id: two.id, status: 'dnd' });

  const error = heard(alice, 'Error');
  void alice.broadcast('notifications', 'only for servers');
  expect(await error).toMatchObject({ code: 403 });

  alice.disconnect();
  bob.disconnect();
});
