import { refusalOf } from '../client.js';
import { withToken } from '../context.js';
import { anIsoTime, anInteger, aString, aUuid, difference } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, enter, event, settle, strangers } from './steps.js';

const carriers = ['query', 'header', 'subprotocol'] as const;
const ready = { op: 'DISPATCH', t: 'READY' };

export const handshake: readonly Scenario[] = [
  {
    rules: ['HS1'],
    title: '/ws/chat is served beside the given URL, and an unknown path is HTTP 404',
    async run(context) {
      const user = await context.user();
      for (const path of ['/ws/chat', new URL(context.settings.url).pathname]) {
        const client = await context.openUrl(withToken(new URL(path, context.settings.url).href, user.token));
        await client.expect(ready);
      }
      const status = await refusalOf(new URL('/ws/no-such-dialect', context.settings.url).href);
      check(status === 404, `an unknown path was answered with ${String(status ?? 'an open socket')}`);
    },
  },
  {
    rules: ['HS1'],
    title: '/ws/chat is served on every listener; plain /ws on the first and the third',
    needs: ['listeners'],
    async run(context) {
      const user = await context.user();
      for (const [index, listener] of (context.settings.listeners ?? []).entries()) {
        for (const path of index === 1 ? ['/ws/chat'] : ['/ws/chat', '/ws']) {
          const client = await context.openUrl(withToken(new URL(path, listener).href, user.token));
          await client.expect(ready);
        }
      }
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS2'],
    title: `a token in the ${carrier} is taken on either gateway`,
    async run(context) {
      const user = await context.user();
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { carrier, gateway });
        await client.expect(ready);
        const wanted = carrier === 'subprotocol' ? `access_token.${user.token}` : '';
        check(client.socket.protocol === wanted, `the selected subprotocol is "${client.socket.protocol}"`);
      }
    },
  })),
  {
    rules: ['HS3'],
    title: 'without a token the accepted socket is closed with 4001, without a frame',
    users: 0,
    async run(context) {
      const client = await context.openUrl(context.settings.url);
      await client.expectClose(4001);
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS3'],
    title: `a rejected token in the ${carrier} closes with 4001`,
    async run(context) {
      const { token } = await context.user();
      const [head = '', claims = '', signature = ''] = token.split('.');
      const forged = [head, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
      const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
      for (const bad of [forged, `${head}.${claims}.`, `${unsigned}.${claims}.`, 'not-a-token']) {
        const client = await context.open({ token: bad }, { carrier });
        await client.expectClose(4001);
      }
    },
  })),
  {
    rules: ['HS4'],
    title: 'one connection too many of a user is closed with 1008; the others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const most = context.settings.limits.connectionsPerUser;
      const members = [];
      for (let n = 0; n < most; n++) members.push(await enter(context, user, { gateway: n % 2 === 0 ? 1 : 2 }));
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { gateway });
        const { reason } = await client.expectClose(1008);
        check(reason === 'too many connections', `the reason is "${reason}"`);
      }
      for (const { client } of members) {
        client.send({ op: 'HEARTBEAT' });
        await client.expect({ op: 'HEARTBEAT_ACK' });
      }
    },
  },
  {
    rules: ['HS6', 'DN8'],
    title: 'READY has the profile and the servers with their live member_count, field by field',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [owner, other] = await strangers(context, 2);
      const place = await settle(context, owner);
      const serverOf = (count: number) => ({
        id: place.id,
        name: 'A server',
        description: null,
        owner_id: owner.id,
        member_count: count,
        created_at: anIsoTime,
        sequence: anInteger,
      });
      const expected = (count: number) =>
        event('READY', {
          user: {
            id: owner.id,
            username: owner.name ?? aString,
            email: null,
            avatar_url: null,
            status: 'online',
            created_at: anIsoTime,
          },
          servers: [serverOf(count)],
          sequence: anInteger,
        });
      const first = await enter(context, owner);
      const differing = difference(expected(1), first.ready.json, { exact: true });
      check(differing === undefined, differing ?? '', first.ready);
      await context.rest.expect('POST', `/servers/${place.id}/join`, 201, { bearer: other.token });
      const second = await enter(context, owner, { gateway: 2 });
      const later = difference(expected(2), second.ready.json, { exact: true });
      check(later === undefined, later ?? '', second.ready);
      check(aUuid(owner.id), 'the user has no uuid', first.ready);
    },
  },
];
