import { refusalOf } from '../client.js';
import { withToken } from '../context.js';
import { aTime } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, connect, enter, enterAsHost, joining, makeParty, message, refusal, welcomed } from './steps.js';

export const handshake: readonly Scenario[] = [
  {
    rules: ['HS1'],
    title: 'every listener serves /ws/party; unknown paths do not',
    needs: ['listeners', 'rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      for (const listener of context.settings.listeners ?? []) {
        const client = await context.openUrl(`${listener}/ws/party`);
        client.send(joining(party.id, listener));
        await welcomed(client, listener);
        check((await refusalOf(`${listener}/ws/parties`)) === 404, 'an unknown path is not 404');
      }
    },
  },
  {
    rules: ['HS2', 'JN8'],
    title: 'the host token comes by every carrier; clients need none',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const host = { id: 'laptop', name: 'DJ', type: 'host' };
      for (const carrier of ['query', 'header', 'subprotocol', 'message'] as const) {
        const party = await makeParty(context);
        const { hostToken: token } = party;
        const client =
          carrier === 'message'
            ? await connect(context, { gateway: 2 })
            : await context.open({ token }, { carrier, gateway: 2 });
        const inside = carrier === 'message' ? { token } : {};
        client.send(message('join', { sessionId: party.id, deviceInfo: host, ...inside }));
        const member = await welcomed(client, 'laptop');
        check(member.id === party.hostId, `by ${carrier}: not the host`, member.welcome);
      }
    },
  },
  {
    rules: ['HS2', 'HS3'],
    title: 'an access token is taken from the upgrade or the join; a rejected one is told and closed with 1008',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const party = await makeParty(context);
      await enter(context, party, { user, deviceId: 'one' });
      const [head = '', claims = '', signature = ''] = user.token.split('.');
      const forged = [head, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
      for (const bad of [forged, 'not-a-token']) {
        const upgraded = await context.openUrl(withToken(context.settings.url, bad));
        await upgraded.expect(refusal('unauthorized'));
        await upgraded.expectClose(1008);
        const client = await connect(context);
        const deviceInfo = { id: 'two', name: 'A phone', type: 'client' };
        client.send(message('join', { sessionId: party.id, deviceInfo, token: bad }));
        await client.expect(refusal('unauthorized'));
        await client.expectClose(1008);
      }
    },
  },
  {
    rules: ['HS4'],
    title: 'nothing but a join is done before a join',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const client = await connect(context);
      for (const type of ['heartbeat', 'ping', 'leave', 'member_list', 'close_session']) {
        client.send(message(type));
        await client.expect(refusal('unauthorized'));
      }
      client.send(joining(party.id, 'late'));
      await welcomed(client, 'late');
    },
  },
  {
    rules: ['HS5'],
    title: 'who has not joined after 10 s is told and closed with 1008, whether silent or refused',
    users: 0,
    waitsSeconds: 11,
    async run(context) {
      const [silent, refused] = [await connect(context), await connect(context, { gateway: 2 })];
      refused.send(joining('abc123', 'd'));
      await refused.expect(refusal('session_not_found'));
      for (const client of [silent, refused]) {
        await client.expect(refusal('unauthorized'), 12_000);
        await client.expectClose(1008);
      }
    },
  },
  {
    rules: ['HS6'],
    title: 'one connection too many of a user is closed with 1008; the others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const most = context.settings.limits.connectionsPerUser;
      const party = await makeParty(context, most + 2);
      const members = [];
      for (let n = 0; n < most; n++) members.push(await enter(context, party, { user, gateway: n % 2 === 0 ? 1 : 2 }));
      const client = await connect(context, { user });
      client.send(joining(party.id, 'too many'));
      const { reason } = await client.expectClose(1008);
      check(reason === 'too many connections', `the reason is "${reason}"`);
      for (const member of members) {
        member.client.send({ type: 'ping', timestamp: 1 });
        await member.client.eventually({ type: 'pong', timestamp: 1 });
      }
    },
  },
  {
    rules: ['HS7'],
    title: 'a fresh token renews the login in place; other tokens change nothing',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await context.users(2);
      const party = await makeParty(context);
      const { client } = await enter(context, party, { user: alice });
      const fresh = await context.logIn(alice);
      client.send(message('auth', { token: fresh.token }));
      await client.expect({ type: 'auth_renewed', timestamp: aTime, expiresAt: aTime });
      for (const token of [bob.token, 'garbage']) {
        client.send(message('auth', { token }));
        await client.expect(refusal('unauthorized'));
      }
    },
  },
  {
    rules: ['HS8', 'MS9'],
    title: 'an expired token ends the connection with 1008; its place waits',
    needs: ['rest'],
    waitsSeconds: 40,
    async run(context) {
      const user = await context.user({ fresh: true });
      const left = (user.expiresAt ?? 0) - Date.now();
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { gateway: 2 });
      const member = await enter(context, party, { user, deviceId: 'phone' });
      const ticking = setInterval(() => {
        for (const { client } of [host, member]) client.send(message('heartbeat'));
      }, 5_000);
      await member.client.eventually(refusal('unauthorized'), left + 5_000).finally(() => clearInterval(ticking));
      await member.client.expectClose(1008);
      const again = await enter(context, party, { user: await context.logIn(user), deviceId: 'phone' });
      check(again.id === member.id, 'the place was lost', again.welcome);
    },
  },
];
