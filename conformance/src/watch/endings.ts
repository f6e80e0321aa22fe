import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  answered,
  begin,
  check,
  connectDevice,
  connectViewer,
  ended,
  exactly,
  GONE_MS,
  GRACE_SECONDS,
  ice,
  iceTold,
  makeDevice,
  message,
  negotiate,
  offer,
  passes,
  recorded,
  told,
  watching,
  type Watching,
} from './steps.js';

/** The row says the same as the parties were told. */
async function expectRow(context: Context, session: Watching, reason: string): Promise<void> {
  const row = await recorded(context, session);
  const { camera, user } = session;
  const found = [at(row, 'state'), at(row, 'reason'), at(row, 'device_id'), at(row, 'user_id')];
  check(
    JSON.stringify(found) === JSON.stringify(['ended', reason, camera.id, user.id]),
    `REST says ${JSON.stringify(row)}`,
  );
}

/** A viewer comes back for a session: again and again, until it is noticed that its connection before is gone. */
async function takeUp(
  context: Context,
  { sessionId, device, user }: Pick<Watching, 'sessionId' | 'device' | 'user'>,
  sessions?: readonly string[],
): Promise<Client> {
  for (let tries = 1; ; tries++) {
    const client = await connectViewer(context, user, sessions === undefined ? {} : { sessions });
    const line = `try ${tries}`;
    device.send(ice(sessionId, line));
    try {
      await client.eventually(iceTold(sessionId, line), 1_000);
      return client;
    } catch (error) {
      if (tries === 5) throw error;
      await client.close();
    }
  }
}

export const endings: readonly Scenario[] = [
  {
    rules: ['WT5', 'WT6', 'FM2'],
    title: 'user_ended: end_watch is answered, the device is told, REST says so',
    needs: ['rest'],
    async run(context) {
      const session = await answered(context);
      const { sessionId, device, viewer } = session;
      check(at(await recorded(context, session), 'state') === 'answered', 'the session is not answered yet');
      viewer.send(message('end_watch', { session_id: sessionId }, 'end'));
      const payload = { session_id: sessionId, reason: 'user_ended' };
      exactly(told('watch_ended', payload, 'end'), await viewer.message());
      exactly(told('watch_ended', payload), await device.message());
      await alive(viewer);
      await alive(device);
      await expectRow(context, session, 'user_ended');
    },
  },
  {
    rules: ['WT5', 'WT6'],
    title: 'another connection of the viewer may end it: both connections are told',
    needs: ['rest'],
    async run(context) {
      const session = await watching(context);
      const { sessionId, device, viewer, user } = session;
      const other = await connectViewer(context, user);
      other.send(message('end_watch', { session_id: sessionId }, 'end'));
      await other.expect(told('watch_ended', { session_id: sessionId, reason: 'user_ended' }, 'end'));
      for (const client of [viewer, device]) await client.expect(ended(sessionId, 'user_ended'));
    },
  },
  {
    rules: ['WT6', 'WT7'],
    title: 'viewer_disconnected: closed or lost, pending or answered, after a while to return',
    needs: ['rest'],
    waitsSeconds: GRACE_SECONDS + 2,
    async run(context) {
      const user = await context.user({ fresh: true });
      const sessions = [await answered(context, user), await watching(context, user)];
      await Promise.all(
        sessions.map(async (session, n) => {
          const { sessionId, device, viewer } = session;
          const since = performance.now();
          if (n === 0) viewer.drop();
          else await viewer.close();
          await device.expect(ended(sessionId, 'viewer_disconnected'), GONE_MS);
          check(performance.now() - since > (GRACE_SECONDS - 2) * 1_000, 'ended too early');
          await alive(device);
          await expectRow(context, session, 'viewer_disconnected');
        }),
      );
    },
  },
  {
    rules: ['WT6', 'WT7'],
    title: 'device_disconnected: closed or lost, pending or answered, after a while to return',
    needs: ['rest'],
    waitsSeconds: GRACE_SECONDS + 2,
    async run(context) {
      const user = await context.user({ fresh: true });
      const sessions = [await answered(context, user), await watching(context, user)];
      await Promise.all(
        sessions.map(async (session, n) => {
          const { sessionId, device, viewer } = session;
          const since = performance.now();
          if (n === 0) device.drop();
          else await device.close();
          await viewer.expect(ended(sessionId, 'device_disconnected'), GONE_MS);
          check(performance.now() - since > (GRACE_SECONDS - 2) * 1_000, 'ended too early');
          await alive(viewer);
          await expectRow(context, session, 'device_disconnected');
        }),
      );
    },
  },
  {
    rules: ['WT6', 'WT12'],
    title: 'timeout: without an answer in 30 s, offer or not',
    needs: ['rest'],
    waitsSeconds: 32,
    async run(context) {
      const since = performance.now();
      const user = await context.user({ fresh: true });
      const [silent, offered] = [await watching(context, user), await watching(context, user)];
      offered.viewer.send(offer(offered.sessionId));
      await offered.device.expect({ type: 'signal_offer' });
      await Promise.all(
        [silent, offered].map(async (session) => {
          const { sessionId, device, viewer } = session;
          for (const client of [viewer, device]) await client.expect(ended(sessionId, 'timeout'), 40_000);
          check(performance.now() - since > 29_000, 'ended too early');
          await expectRow(context, session, 'timeout');
        }),
      );
    },
  },
  {
    rules: ['WT7', 'WT3'],
    title: 'a device that returns, on another gateway, gets what waited for it, and the session goes on',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer, camera } = await answered(context);
      device.drop();
      for (const line of ['1', '2']) viewer.send(ice(sessionId, line));
      await alive(viewer);
      const back = await connectDevice(context, camera, { gateway: 2 });
      viewer.send(ice(sessionId, '3'));
      await back.eventually(iceTold(sessionId, '3'));
      await passes({ sessionId, device: back, viewer });
    },
  },
  {
    rules: ['WT7', 'HL15'],
    title: 'a viewer that returns goes on with the sessions that it names, or with all',
    needs: ['rest'],
    async run(context) {
      const one = await answered(context);
      const { user, viewer } = one;
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera);
      const two = { sessionId: await begin(viewer, device, camera, user), device, viewer };
      await negotiate(two);
      viewer.drop();
      const first = await takeUp(context, one, [one.sessionId]);
      const second = await takeUp(context, { ...two, user });
      await alive(first);
      await passes({ ...two, viewer: second });
      await passes({ ...one, viewer: first });
    },
  },
  {
    rules: ['HL10', 'WT7'],
    title: 'the newest connection of a device closes the older one with 1000, and its sessions go on there',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer, camera } = await answered(context);
      const newer = await connectDevice(context, camera, { gateway: 2 });
      const { reason } = await device.expectClose(1000);
      check(reason === 'replaced', `the reason is "${reason}"`);
      await passes({ sessionId, device: newer, viewer });
      await alive(newer);
    },
  },
  {
    rules: ['WT18'],
    title: 'who returns too late is told that it is over',
    needs: ['rest'],
    waitsSeconds: GRACE_SECONDS + 2,
    async run(context) {
      const user = await context.user({ fresh: true });
      const [lost, left] = [await answered(context, user), await answered(context, user)];
      lost.device.drop();
      left.viewer.drop();
      await Promise.all([
        lost.viewer.expect(ended(lost.sessionId, 'device_disconnected'), GONE_MS),
        left.device.expect(ended(left.sessionId, 'viewer_disconnected'), GONE_MS),
      ]);
      const device = await connectDevice(context, lost.camera, { gateway: 2 });
      await device.expect(ended(lost.sessionId, 'device_disconnected'));
      const viewer = await connectViewer(context, left.user, { sessions: [left.sessionId] });
      await viewer.expect(ended(left.sessionId, 'viewer_disconnected'));
    },
  },
];
