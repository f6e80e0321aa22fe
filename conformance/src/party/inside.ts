import { anInteger, at, aTime, difference, isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import { beat, check, connect, enter, enterAsHost, joining, listedAs, makeParty, message, refusal } from './steps.js';

export const inside: readonly Scenario[] = [
  {
    rules: ['MS1', 'MS3'],
    title: 'a heartbeat is not answered; a ping is, with the same timestamp, in order',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const { client } = await enter(context, await makeParty(context), { gateway: 2 });
      for (const timestamp of [1706889650000, 0, -1, 0.5, 9007199254740991]) {
        client.send(message('heartbeat'));
        client.send({ type: 'ping', timestamp });
        const frame = await client.expect({ type: 'pong' });
        const differing = difference({ type: 'pong', timestamp }, frame.json, { exact: true });
        check(differing === undefined, differing ?? '', frame);
      }
    },
  },
  {
    rules: ['MS2'],
    title: '15 s without a message are the end, pongs or not; the others are told at once',
    needs: ['rest'],
    users: 0,
    waitsSeconds: 16,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { gateway: 2 });
      beat(host);
      const guest = await enter(context, party);
      const since = performance.now();
      const { closed } = await guest.client.ended(17_000);
      const after = performance.now() - since;
      check(
        closed.code === 1001 && closed.reason === 'heartbeat timeout',
        `closed with ${closed.code} ${closed.reason}`,
      );
      check(after > 14_500, `closed after ${Math.round(after)} ms`);
      await host.client.eventually({ type: 'member_left', timestamp: aTime, memberId: guest.id, reason: 'timeout' });
    },
  },
  {
    rules: ['MS4'],
    title: 'leaving closes with 1000 and is told to the others; the place is free',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context, 2);
      const host = await enterAsHost(context, party, { gateway: 2 });
      const guest = await enter(context, party);
      guest.client.send(message('leave', { reason: 'User exited session' }));
      await guest.client.expectClose(1000);
      await host.client.expect({ type: 'member_joined' });
      await host.client.expect({ type: 'member_left', timestamp: aTime, memberId: guest.id, reason: 'left' });
      await enter(context, party);
    },
  },
  {
    rules: ['MS5', 'MS13'],
    title: 'when the host leaves, the session closes for all',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      const guest = await enter(context, party, { gateway: 2 });
      host.client.send(message('leave'));
      await guest.client.expect({ type: 'session_closed', timestamp: aTime, reason: 'Host ended the session' });
      await guest.client.expectClose(1000);
      const late = await connect(context);
      late.send(joining(party.id, 'late'));
      await late.expect(refusal('session_not_found'));
    },
  },
  {
    rules: ['MS7', 'MS14'],
    title: 'the list on request, with latencies that the server measured itself',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const { client, id } = await enter(context, party);
      await client.pinged(1, 10_000);
      const deadline = performance.now() + 10_000;
      for (;;) {
        client.send(message('member_list'));
        const list = await client.expect({ type: 'member_list', timestamp: aTime });
        const latency = at(list.json, 'members.0.latency');
        check(at(list.json, 'members.0.id') === id, 'not the list of this session', list);
        if (anInteger(latency) && Number(latency) < 5_000) return;
        check(latency === undefined && performance.now() < deadline, 'no latency was measured', list);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  },
  {
    rules: ['MS8', 'MS9'],
    title: 'reconnecting, then disconnected, then gone after 15 s',
    needs: ['rest'],
    users: 0,
    waitsSeconds: 16,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      beat(host);
      const guest = await enter(context, party, { gateway: 2 });
      const since = performance.now();
      guest.client.drop();
      await listedAs(host.client, guest.id, 'reconnecting');
      await listedAs(host.client, guest.id, 'disconnected', 12_000);
      check(performance.now() - since > 7_500, 'given up too early');
      await host.client.eventually({ type: 'member_left', memberId: guest.id, reason: 'timeout' }, 12_000);
      check(performance.now() - since > 14_500, 'gone too early');
    },
  },
  {
    rules: ['MS9'],
    title:
      'a host that vanishes is reconnecting for 30 s, then the session closes for all; one that returns is in time',
    needs: ['rest'],
    users: 0,
    waitsSeconds: 32,
    async run(context) {
      const [lost, found] = [await makeParty(context), await makeParty(context)];
      const guests = [];
      for (const party of [lost, found]) {
        const host = await enterAsHost(context, party);
        const guest = await enter(context, party, { gateway: 2 });
        beat(guest);
        guests.push({ party, guest });
        host.client.drop();
      }
      const since = performance.now();
      await Promise.all(
        guests.map(async ({ party, guest }) => {
          await listedAs(guest.client, party.hostId, 'reconnecting');
          if (party !== found) {
            await guest.client.eventually({ type: 'session_closed', timestamp: aTime }, 35_000);
            await guest.client.expectClose(1000);
            check(performance.now() - since > 29_000, 'closed too early');
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, 25_000));
          const back = await enterAsHost(context, party, { gateway: 2 });
          check(back.id === party.hostId, 'not the host', back.welcome);
          beat(back);
          await listedAs(guest.client, party.hostId, 'connected');
        }),
      );
    },
  },
  {
    rules: ['MS10', 'FM2'],
    title: '20 bad messages within 10 s close with 1008; the others are told that it was an error',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { gateway: 2 });
      const guest = await enter(context, party);
      for (let n = 0; n < 20; n++) guest.client.send(message('dance'));
      const { frames, closed } = await guest.client.ended();
      check(closed.code === 1008, `closed with ${closed.code}`);
      check(frames.length >= 19, `only ${frames.length} were answered`);
      await host.client.eventually({ type: 'member_left', memberId: guest.id, reason: 'error' });
    },
  },
  {
    rules: ['MS10'],
    title: 'who logs out is told and closed with 1008; the others are told that it was an error',
    needs: ['rest'],
    async run(context) {
      const user = await context.logIn(await context.user({ fresh: true }));
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { gateway: 2 });
      const guest = await enter(context, party, { user });
      await context.logOut(user);
      await guest.client.expect(refusal('unauthorized'));
      await guest.client.expectClose(1008);
      await host.client.eventually({ type: 'member_left', memberId: guest.id, reason: 'error' });
    },
  },
  {
    rules: ['MS12', 'MS15'],
    title: 'the host removes a member: told why, closed with 1000; the others hear of it',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      const [loud, other] = [await enter(context, party, { gateway: 2 }), await enter(context, party)];
      loud.client.send(message('kick', { memberId: other.id }));
      await loud.client.eventually(refusal('unauthorized'));
      host.client.send(message('kick', { memberId: loud.id, reason: 'Too loud' }));
      await loud.client.expect({ type: 'kicked', timestamp: aTime, reason: 'Too loud' });
      await loud.client.expectClose(1000);
      await other.client.expect({ type: 'member_left', memberId: loud.id, reason: 'kicked' });
      for (const memberId of [loud.id, 'nobody']) {
        host.client.send(message('kick', { memberId }));
        await host.client.eventually(refusal('invalid_message', { field: 'memberId' }));
      }
      host.client.send(message('kick', { memberId: host.id }));
      await host.client.expect(refusal('unauthorized'));
    },
  },
  {
    rules: ['MS12', 'MS13'],
    title: 'the same over REST, by host token and by the account that made the session',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const party = await makeParty(context, 10, user);
      const [one, two] = [await enter(context, party), await enter(context, party, { gateway: 2 })];
      await one.client.expect({ type: 'member_joined' });
      const bearer = party.hostToken;
      await context.rest.expect('DELETE', `/sessions/${party.id}/members/${one.id}`, 204, { bearer });
      await one.client.expect({ type: 'kicked', reason: 'Host removed you from the session' });
      await one.client.expectClose(1000);
      const listed = await context.rest.expect('GET', `/sessions/${party.id}`, 200);
      const members = isRecord(listed) ? listed['members'] : undefined;
      check(Array.isArray(members) && members.length === 1, 'still in the list of REST');
      await context.rest.expect('DELETE', `/sessions/${party.id}?reason=Over`, 204, { bearer: user.token });
      await two.client.eventually({ type: 'session_closed', reason: 'Over' });
      await two.client.expectClose(1000);
    },
  },
  {
    rules: ['MS13', 'MS15'],
    title: 'the host closes the session for all, itself included; nobody else can',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party);
      const guest = await enter(context, party, { gateway: 2 });
      guest.client.send(message('close_session'));
      await guest.client.expect(refusal('unauthorized'));
      host.client.send(message('close_session', { reason: 'Good night' }));
      for (const { client } of [host, guest]) {
        await client.eventually({ type: 'session_closed', timestamp: aTime, reason: 'Good night' });
        await client.expectClose(1000);
      }
    },
  },
];
