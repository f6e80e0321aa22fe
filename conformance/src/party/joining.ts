import { randomUUID } from 'node:crypto';
import { at, aTime, difference } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  check,
  connect,
  enter,
  enterAsHost,
  idsIn,
  joining as joinMessage,
  listedAs,
  makeParty,
  memberOf,
  message,
  refusal,
  welcomed,
} from './steps.js';

export const joining: readonly Scenario[] = [
  {
    rules: ['JN1', 'JN2', 'MS7'],
    title: 'welcome, then the list, field by field; the others get member_joined',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { name: 'A laptop' });
      const guest = await enter(context, party, { gateway: 2 });
      const welcome = {
        type: 'welcome',
        timestamp: aTime,
        clientId: guest.id,
        sessionInfo: { id: party.id, name: 'A party', hostId: party.hostId },
      };
      const list = {
        type: 'member_list',
        timestamp: aTime,
        members: [memberOf(host, { name: 'A laptop', isHost: true }), memberOf(guest)],
      };
      const told = await host.client.expect({ type: 'member_joined' });
      const joined = { type: 'member_joined', timestamp: aTime, member: memberOf(guest) };
      for (const [pattern, frame] of [
        [welcome, guest.welcome],
        [list, guest.list],
        [joined, told],
      ] as const) {
        const differing = difference(pattern, frame.json, { exact: true });
        check(differing === undefined, differing ?? '', frame);
      }
      check(host.id === party.hostId, 'the host is not who it was said to be', host.welcome);
    },
  },
  {
    rules: ['JN3', 'MS6'],
    title: 'everybody hears of exactly those who came after them, in one order',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context, 12);
      const members = await Promise.all(
        Array.from({ length: 12 }, (_, n) => enter(context, party, { gateway: n % 2 === 0 ? 1 : 2 })),
      );
      const orders: unknown[][] = [];
      for (const { client, list } of members) {
        const known = new Set(idsIn(list));
        const order: unknown[] = [];
        while (known.size < members.length) {
          const frame = await client.expect({ type: 'member_joined' });
          const id = at(frame.json, 'member.id');
          check(!known.has(id), 'told of somebody known', frame);
          known.add(id);
          order.push(id);
        }
        orders.push(order);
      }
      const longest = orders.toSorted((a, b) => b.length - a.length)[0] ?? [];
      for (const order of orders) {
        check(
          JSON.stringify(longest.slice(longest.length - order.length)) === JSON.stringify(order),
          'they were told in different orders',
        );
      }
    },
  },
  {
    rules: ['JN4', 'JN10'],
    title: 'a session that is none; the next try may succeed',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const client = await connect(context);
      for (const id of [randomUUID(), 'abc123', '*', '>', '']) {
        client.send(joinMessage(id, 'd'));
        await client.expect(refusal('session_not_found'));
      }
      client.send(joinMessage(party.id, 'd'));
      await welcomed(client, 'd');
    },
  },
  {
    rules: ['JN5'],
    title: '50 at once for 10 places on two gateways: 10 are in, 40 are told in the words of the document',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, n) => connect(context, { gateway: n % 2 === 0 ? 1 : 2 })),
      );
      for (const [n, client] of clients.entries()) client.send(joinMessage(party.id, `device ${n}`));
      const answers = await Promise.all(clients.map((client) => client.message(15_000)));
      const isIn = answers.filter(({ json }) => difference({ type: 'welcome' }, json) === undefined);
      check(isIn.length === 10, `${isIn.length} are in`);
      const full = {
        type: 'error',
        timestamp: aTime,
        code: 'session_full',
        message: 'Session has reached maximum capacity (10 members)',
        details: { maxMembers: 10, currentMembers: 10 },
      };
      for (const answer of answers.filter((one) => !isIn.includes(one))) {
        const differing = difference(full, answer.json, { exact: true });
        check(differing === undefined, differing ?? '', answer);
      }
    },
  },
  {
    rules: ['JN6', 'JN7', 'MS8'],
    title: 'a device that is there already: refused once, the old connection closed with 1000, then the same place',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      const guest = await enter(context, party, { deviceId: 'phone' });
      await host.client.expect({ type: 'member_joined' });
      const next = await connect(context, { gateway: 2 });
      next.send(joinMessage(party.id, 'phone'));
      await next.expect(refusal('already_joined'));
      const { closed } = await guest.client.ended();
      check(closed.code === 1000, `the old connection was closed with ${closed.code}`);
      next.send(joinMessage(party.id, 'phone'));
      const again = await welcomed(next, 'phone');
      check(again.id === guest.id, 'another place', again.welcome);
      await listedAs(host.client, guest.id, 'connected');
      next.send(joinMessage(party.id, 'phone'));
      await next.eventually(refusal('already_joined'));
      next.send({ type: 'ping', timestamp: 5 });
      await next.eventually({ type: 'pong', timestamp: 5 });
    },
  },
  {
    rules: ['JN7', 'MS8', 'MS9'],
    title: 'a lost connection is reconnecting; back by the other gateway it has the same place, also in a full session',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context, 2);
      const host = await enterAsHost(context, party);
      const guest = await enter(context, party, { deviceId: 'phone' });
      await host.client.expect({ type: 'member_joined' });
      guest.client.drop();
      await listedAs(host.client, guest.id, 'reconnecting');
      const stranger = await connect(context);
      stranger.send(joinMessage(party.id, 'stranger'));
      await stranger.expect(refusal('session_full', { maxMembers: 2, currentMembers: 2 }));
      const again = await enter(context, party, { deviceId: 'phone', gateway: 2 });
      check(again.id === guest.id, 'another place', again.welcome);
      check(idsIn(again.list).length === 2, 'the list is not complete', again.list);
      await listedAs(host.client, guest.id, 'connected');
    },
  },
  {
    rules: ['JN8'],
    title: 'a host without its token, or with another session’s, is refused',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const [party, other] = [await makeParty(context), await makeParty(context)];
      const client = await connect(context);
      const deviceInfo = { id: 'laptop', name: 'DJ', type: 'host' };
      for (const token of [undefined, other.hostToken, 'host_guess']) {
        const inside = token === undefined ? {} : { token };
        client.send(message('join', { sessionId: party.id, deviceInfo, ...inside }));
        await client.expect(refusal('unauthorized'));
      }
      const first = await enterAsHost(context, party, { deviceId: 'laptop' });
      first.client.drop();
      const elsewhere = await connect(context, { gateway: 2 });
      for (;;) {
        elsewhere.send(joinMessage(party.id, 'phone', { hostToken: party.hostToken }));
        const answer = await elsewhere.message();
        if (difference({ type: 'welcome', clientId: party.hostId }, answer.json) === undefined) break;
        check(difference(refusal('already_joined'), answer.json) === undefined, 'the host did not get in', answer);
      }
    },
  },
  {
    rules: ['JN9'],
    title: 'another protocol version is refused before anything else; "1.0" is this one',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const client = await connect(context);
      for (const protocolVersion of ['2.0', '1.0.1', 1, null]) {
        client.send({ ...joinMessage('no session', 'd'), protocolVersion });
        await client.expect(refusal('version_mismatch', { supported: ['1.0'] }));
      }
      client.send({ ...joinMessage(party.id, 'd'), protocolVersion: '1.0' });
      await welcomed(client, 'd');
    },
  },
  {
    rules: ['JN11'],
    title: 'a place taken with an account is not given to somebody who knows the device',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await context.users(2);
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      const mine = await enter(context, party, { user: alice, deviceId: 'phone' });
      mine.client.drop();
      await listedAs(host.client, mine.id, 'reconnecting');
      for (const user of [undefined, bob]) {
        const thief = await connect(context, { gateway: 2, ...(user === undefined ? {} : { user }) });
        thief.send(joinMessage(party.id, 'phone'));
        await thief.expect(refusal('unauthorized'));
      }
      const again = await enter(context, party, { user: alice, deviceId: 'phone', gateway: 2 });
      check(again.id === mine.id, 'another place', again.welcome);
    },
  },
];
