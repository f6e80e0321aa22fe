import { at } from '../match.js';
import { withToken } from '../context.js';
import type { Scenario } from '../scenario.js';
import {
  ask,
  check,
  connected,
  CONNECTIONS_PER_USER,
  connectWith,
  enter,
  error,
  expectNothing,
  fromServer,
  join,
  makeRoom,
  message,
  type Member,
} from './steps.js';

const carriers = ['query', 'header', 'subprotocol'] as const;
const LOGIN_SECONDS = 10;
/** What a busy machine may take beyond it. */
const SLACK_SECONDS = 10;

export const handshake: readonly Scenario[] = [
  {
    rules: ['HS1'],
    title: '/ws/collab is served on every listener',
    needs: ['listeners'],
    async run(context) {
      const user = await context.user();
      for (const listener of context.settings.listeners ?? []) {
        const client = await context.openUrl(withToken(new URL('/ws/collab', listener).href, user.token));
        await client.expect(connected);
        await client.close();
      }
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS2', 'HS5', 'DN1'],
    title: `a token in the ${carrier} logs in, and connected comes first`,
    async run(context) {
      const user = await context.user();
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { carrier, gateway });
        const welcome = await client.expect(connected);
        check(at(welcome.json, 'payload.userId') === user.id, 'not the user of the token', welcome);
        await client.close();
      }
    },
  })),
  {
    rules: ['HS2', 'HS5'],
    title: 'without one, connect logs in',
    async run(context) {
      const user = await context.user();
      const client = await context.openUrl(context.settings.url);
      client.send(connectWith(user));
      const welcome = await client.expect(connected);
      check(at(welcome.json, 'payload.userId') === user.id, 'not the user of the token', welcome);
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS3'],
    title: `a rejected token in the ${carrier}: error 1001, then close 1008`,
    async run(context) {
      const { token } = await context.user();
      for (const bad of [spoil(token), 'not-a-token']) {
        const client = await context.open({ token: bad }, { carrier });
        await client.expect(error(1001));
        await client.expectClose(1008);
      }
    },
  })),
  {
    rules: ['HS3'],
    title: 'a rejected token in connect: error 1001, then close 1008',
    async run(context) {
      const { token } = await context.user();
      const client = await context.openUrl(context.settings.url);
      client.send(connectWith({ token: spoil(token) }));
      await client.expect(error(1001));
      await client.expectClose(1008);
    },
  },
  {
    rules: ['HS4', 'LM4'],
    title: 'the sixth connection of a user, over all gateways: error 1002, then close 1008; the others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const members: Member[] = [];
      for (let n = 0; n < CONNECTIONS_PER_USER; n++) {
        members.push(await enter(context, user, { gateway: n % 2 === 0 ? 1 : 2 }));
      }
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { gateway });
        const refused = await client.expect(error(1002));
        check(Number(at(refused.json, 'payload.details.retryAfterMs')) > 0, 'no retryAfterMs', refused);
        await client.expectClose(1008);
      }
      for (const member of members) await expectNothing(member, 'a connection within the limit heard of it');
    },
  },
  {
    rules: ['HS6'],
    title: 'before connected everything but connect is refused with 1001, and connect is taken afterwards',
    async run(context) {
      const user = await context.user();
      const client = await context.openUrl(context.settings.url);
      const early = [
        message('ping', { timestamp: 1 }),
        message('join_room', { roomId: 'any' }),
        message('operation', { operation: ['a'], version: 1 }),
      ];
      for (const one of early) {
        client.send(one);
        await client.expect(
          fromServer('error', (value) => at(value, 'code') === 1001 && at(value, 'details.messageId') === one.id),
        );
      }
      client.send(connectWith(user));
      await client.expect(connected);
    },
  },
  {
    rules: ['HS7'],
    title: 'no login within 10 s: error 1001, then close 1008',
    users: 0,
    waitsSeconds: LOGIN_SECONDS + SLACK_SECONDS,
    async run(context) {
      const client = await context.openUrl(context.settings.url);
      const started = performance.now();
      await client.expect(error(1001), (LOGIN_SECONDS + SLACK_SECONDS) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > LOGIN_SECONDS - 1, `told already after ${seconds.toFixed(1)} s`);
      await client.expectClose(1008);
    },
  },
  {
    rules: ['HS9', 'HS8'],
    title: 'the URL can name the earlier connection, which is ended, and ask for binary frames',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [user, other] = await context.users(2);
      const roomId = await makeRoom(context, user, {}, [[other, 'editor']]);
      const earlier = await enter(context, user);
      const query = { connectionId: earlier.connectionId, binary: 'true' };
      const member = await enter(context, user, { gateway: 2, query });
      await earlier.client.ended();
      await join(member, roomId);
      const mover = await enter(context, other);
      await join(mover, roomId);
      await member.client.message();
      mover.client.send(message('cursor_move', { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 }));
      check((await member.client.expectBinary()).length === 26, 'not a cursor with its viewport');
    },
  },
  {
    rules: ['HS10'],
    title: 'who came with a token may connect all the same, and is told connected again',
    async run(context) {
      const member = await enter(context, await context.user());
      const again = await ask(member, connectWith(member.user), connected);
      check(at(again.json, 'payload.connectionId') === member.connectionId, 'another connection id', again);
    },
  },
];

/** The same with another signature. */
function spoil(token: string): string {
  const [head = '', claims = '', signature = ''] = token.split('.');
  return [head, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
}
