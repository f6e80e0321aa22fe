import type { TextFrame } from '../client.js';
import { at, matches } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, settle, soFar, statusOf, strangers, untilPosted } from './steps.js';

/** A user whose last connection is gone is still shown for so long, and a little. */
const GRACE_MS = 10_000;
const SHARED_SERVERS = 3;

export const presence: readonly Scenario[] = [
  {
    rules: ['UP3', 'DN3'],
    title: 'a member on the other gateway sees a user come, change and go',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [watched, other] = await strangers(context, 2);
      await settle(context, watched, other);
      const watcher = await enter(context, other, { gateway: 2 });
      const member = await enter(context, watched);
      await watcher.client.expect(statusOf(watched, 'online'));
      for (const status of ['idle', 'dnd', 'online']) {
        member.client.send({ op: 'PRESENCE_UPDATE', d: { status } });
        await watcher.client.expect(statusOf(watched, status));
      }
      await member.client.close();
      await watcher.client.expect(statusOf(watched, 'offline'), GRACE_MS);
    },
  },
  {
    rules: ['DN3', 'UP3'],
    title:
      'one change is one frame, however many servers are shared; the connection that asked gets none, the others do',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [watched, other] = await strangers(context, 2);
      const place = await settle(context, watched, other);
      for (let n = 1; n < SHARED_SERVERS; n++) await settle(context, watched, other);
      const everything = true;
      const asking = await enter(context, watched, { everything });
      const second = await enter(context, watched, { gateway: 2, everything });
      const watchers = [
        await enter(context, other, { everything }),
        await enter(context, other, { gateway: 2, everything }),
      ];
      // Both are online before anything is counted.
      const frames = new Map([...watchers, second, asking].map((member) => [member, soFar(member)]));
      await Promise.all(frames.values());
      asking.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
      await watchers[0]?.client.eventually(statusOf(watched, 'idle'));
      asking.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'dnd' } });
      await watchers[0]?.client.eventually(statusOf(watched, 'dnd'));
      const idle = statusOf(watched, 'idle');
      for (const [index, member] of [...watchers, second].entries()) {
        const seen = await untilPosted(context, watched, place, member);
        const count = (status: string): number =>
          seen.filter((frame) => matches(statusOf(watched, status), frame.json)).length;
        const [once, twice] = [count('idle'), count('dnd')];
        // The first watcher's were taken above.
        const wanted = index === 0 ? 0 : 1;
        check(once === wanted && twice === wanted, `${once + wanted} idle and ${twice} dnd came, expected one of each`);
      }
      const own = await untilPosted(context, watched, place, asking);
      check(!own.some((frame) => matches(idle, frame.json)), 'the connection that asked was told of its own change');
    },
  },
  {
    rules: ['DN3'],
    title: 'a connection is not told that its own user has come, and is told what another one of the user changes',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [watched, other] = await strangers(context, 2);
      await settle(context, watched, other);
      const watcher = await enter(context, other, { gateway: 2 });
      const member = await enter(context, watched, { everything: true });
      await watcher.client.expect(statusOf(watched, 'online'));
      const second = await enter(context, watched, { gateway: 2 });
      second.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
      const idle = statusOf(watched, 'idle');
      const stray = (await member.client.collectUntil(idle)).find(
        (frame) => isOf(frame, watched.id) && !matches(idle, frame.json),
      );
      check(stray === undefined, 'it was told of its own coming', stray);
    },
  },
  {
    rules: ['UP3', 'HS7', 'DN3'],
    title: 'who chooses offline is invisible, also after reconnecting, and is told so in READY',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [watched, other] = await strangers(context, 2);
      const place = await settle(context, watched, other);
      const watcher = await enter(context, other, { gateway: 2, everything: true });
      const member = await enter(context, watched);
      await watcher.client.eventually(statusOf(watched, 'online'));
      member.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'offline' } });
      await watcher.client.eventually(statusOf(watched, 'offline'));
      await member.client.close();
      const again = await enter(context, watched, { gateway: 2 });
      check(at(again.ready.json, 'd.user.status') === 'offline', 'READY has another status', again.ready);
      const seen = await untilPosted(context, watched, place, watcher);
      const stray = seen.find((frame) => at(frame.json, 't') === 'PRESENCE_UPDATE');
      check(!isOf(stray, watched.id) || stray?.text.includes('"online"') !== true, 'the invisible were seen', stray);
      // Nobody shares a server with the next user who is lent this account, but the status would stay.
      again.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'online' } });
      await watcher.client.eventually(statusOf(watched, 'online'));
    },
  },
  {
    rules: ['HS7', 'DN3'],
    title: 'the chosen status survives a reconnect to the other gateway, which nobody sees',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [watched, other] = await strangers(context, 2);
      const place = await settle(context, watched, other);
      const watcher = await enter(context, other, { gateway: 2, everything: true });
      const member = await enter(context, watched);
      member.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'dnd' } });
      await watcher.client.eventually(statusOf(watched, 'dnd'));
      member.client.drop();
      const again = await enter(context, watched, { gateway: 2 });
      check(at(again.ready.json, 'd.user.status') === 'dnd', 'READY has another status', again.ready);
      const seen = await untilPosted(context, watched, place, watcher);
      const stray = seen.find((frame) => isOf(frame, watched.id));
      check(stray === undefined, 'a reconnect within the grace was seen', stray);
    },
  },
  {
    rules: ['DN3'],
    title: 'who shares no server hears nothing of a user; with the last shared server it ends',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [watched, other, stranger] = await strangers(context, 3);
      const place = await settle(context, watched, other);
      const outside = await enter(context, stranger, { gateway: 2, everything: true });
      const watcher = await enter(context, other, { gateway: 2, everything: true });
      const member = await enter(context, watched);
      await watcher.client.eventually(statusOf(watched, 'online'));
      member.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
      await watcher.client.eventually(statusOf(watched, 'idle'));
      await ask(context, other, ['DELETE', `/servers/${place.id}/leave`, 204]);
      // Of its own server it hears afterwards, so what came before is all there was.
      const elsewhere = await settle(context, other, stranger);
      await untilPosted(context, other, elsewhere, watcher);
      member.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'dnd' } });
      await soFar(member);
      for (const reader of [watcher, outside]) {
        const seen = await untilPosted(context, other, elsewhere, reader);
        const stray = seen.find((frame) => isOf(frame, watched.id));
        check(stray === undefined, 'a stranger was told of a status', stray);
      }
    },
  },
];

function isOf(frame: TextFrame | undefined, userId: string): boolean {
  return frame !== undefined && matches(event('PRESENCE_UPDATE', { user_id: userId }), frame.json);
}
