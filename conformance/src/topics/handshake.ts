import { refusalOf } from '../client.js';
import { withToken } from '../context.js';
import { aTime, aUuid } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, connected, enter, error, expectNothing } from './steps.js';

const welcome = {
  type: 'Status',
  data: {
    status: 'connected',
    details: {
      connection_id: aUuid,
      server_time: aTime,
      protocol_version: '1.0',
      features: ['broadcast', 'direct_message', 'presence', 'history'],
    },
  },
};

const carriers = ['query', 'header', 'subprotocol'] as const;

export const handshake: readonly Scenario[] = [
  {
    rules: ['HS1'],
    title: '/ws/topics is served beside the given URL, and an unknown path is HTTP 404',
    async run(context) {
      const user = await context.user();
      for (const path of ['/ws/topics', new URL(context.settings.url).pathname]) {
        const client = await context.openUrl(withToken(new URL(path, context.settings.url).href, user.token));
        await client.expect(connected);
      }
      const status = await refusalOf(new URL('/ws/no-such-dialect', context.settings.url).href);
      check(
        status === 404,
        `an unknown path was answered with ${String(status ?? 'an open socket')}, expected HTTP 404`,
      );
    },
  },
  {
    rules: ['HS1'],
    title: '/ws/topics is served on every listener',
    needs: ['listeners'],
    async run(context) {
      const user = await context.user();
      for (const listener of context.settings.listeners ?? []) {
        const client = await context.openUrl(withToken(new URL('/ws/topics', listener).href, user.token));
        await client.expect(connected);
      }
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS2', 'HS6', 'DN8'],
    title: `a token in the ${carrier} is taken, and the welcome comes first`,
    async run(context) {
      const user = await context.user();
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { carrier, gateway });
        await client.expect(welcome);
        const { protocol } = client.socket;
        const wanted = carrier === 'subprotocol' ? `access_token.${user.token}` : '';
        check(protocol === wanted, `the selected subprotocol is "${protocol}", expected "${wanted}"`);
      }
    },
  })),
  {
    rules: ['HS6'],
    title: 'every connection has an id of its own',
    async run(context) {
      const user = await context.user();
      const ids = [];
      for (let n = 0; n < 3; n++) ids.push((await enter(context, user, { gateway: n === 1 ? 2 : 1 })).connectionId);
      check(new Set(ids).size === 3, `connection ids repeat: ${ids.join(', ')}`);
    },
  },
  {
    rules: ['HS3', 'ER1'],
    title: 'no token: Error 401 on an accepted socket, then close 1008',
    users: 0,
    async run(context) {
      const client = await context.openUrl(context.settings.url);
      await client.expect(error(401));
      await client.expectClose(1008);
    },
  },
  ...carriers.map((carrier): Scenario => ({
    rules: ['HS3'],
    title: `a rejected token in the ${carrier}: Error 401, then close 1008`,
    async run(context) {
      const { token } = await context.user();
      const [head = '', claims = '', signature = ''] = token.split('.');
      const other = signature.startsWith('A') ? 'B' : 'A';
      const forged = [head, claims, `${other}${signature.slice(1)}`].join('.');
      for (const bad of [forged, `${head}.${claims}.`, 'not-a-token']) {
        const client = await context.open({ token: bad }, { carrier });
        await client.expect(error(401));
        await client.expectClose(1008);
      }
    },
  })),
  {
    rules: ['HS3'],
    title: 'an unsigned token ("alg": "none") is rejected',
    async run(context) {
      const { token } = await context.user();
      const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
      const client = await context.open({ token: `${head}.${token.split('.')[1] ?? ''}.` });
      await client.expect(error(401));
      await client.expectClose(1008);
    },
  },
  {
    rules: ['HS4', 'LM2'],
    title: 'one connection too many of a user: Error 429 on the new one, then close 1008; the others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const most = context.settings.limits.connectionsPerUser;
      const members = [];
      for (let n = 0; n < most; n++) members.push(await enter(context, user, { gateway: n % 2 === 0 ? 1 : 2 }));
      for (const gateway of [1, 2] as const) {
        const client = await context.open(user, { gateway });
        const refused = await client.expect(error(429));
        check(/retry_after_ms":\d/.test(refused.text), 'a 429 carries details.retry_after_ms', refused);
        await client.expectClose(1008);
      }
      for (const member of [members[0], members[1]]) {
        if (member !== undefined) await expectNothing(member, 'a connection within the limit heard of it');
      }
    },
  },
];
