import { randomUUID } from 'node:crypto';
import type { User } from '../accounts.js';
import type { Client } from '../client.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  answer,
  begin,
  check,
  connectDevice,
  connectViewer,
  ended,
  ice,
  makeDevice,
  message,
  negotiate,
  offer,
  refusal,
  share,
} from './steps.js';

type Role = 'owner' | 'shared' | 'stranger';
type State = 'online' | 'offline' | 'unshared' | 'none';

/** Who asks for which device, and what they are told: `watch_ready`, or the text of an error. */
const requests: Readonly<Record<Role, Readonly<Record<State, string>>>> = {
  owner: {
    online: 'watch_ready',
    offline: 'Device is offline',
    unshared: 'watch_ready',
    none: 'Device not found',
  },
  shared: {
    online: 'watch_ready',
    offline: 'Device is offline',
    unshared: 'Unauthorized',
    none: 'Device not found',
  },
  stranger: {
    online: 'Unauthorized',
    offline: 'Unauthorized',
    unshared: 'Unauthorized',
    none: 'Device not found',
  },
};
const roles = ['owner', 'shared', 'stranger'] as const;
const states = ['online', 'offline', 'unshared', 'none'] as const;

export const permissions: readonly Scenario[] = [
  {
    rules: ['WT1', 'WT2', 'WT14', 'FM2'],
    title: 'who may watch: owner, shared with, stranger × online, offline, not shared any more, none',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [owner, shared, stranger] = await context.users(3);
      const users: Readonly<Record<Role, User>> = { owner, shared, stranger };
      const viewers = new Map<Role, Client>();
      for (const role of roles) viewers.set(role, await connectViewer(context, users[role], { gateway: 2 }));
      for (const state of states) {
        const camera = state === 'none' ? { id: `cam-${randomUUID()}` } : await makeDevice(context, owner);
        if ('owner' in camera) {
          await share(context, camera, shared);
          if (state !== 'offline') await connectDevice(context, camera);
          const path = `/devices/${camera.id}/viewers/${shared.id}`;
          if (state === 'unshared') await context.rest.expect('DELETE', path, 204, { bearer: owner.token });
        }
        for (const role of roles) {
          const [viewer, expected] = [viewers.get(role), requests[role][state]];
          viewer?.send(message('watch_request', { device_id: camera.id }, `${role} ${state}`));
          const id = `${role} ${state}`;
          await viewer?.expect(
            expected === 'watch_ready' ? { type: 'watch_ready', request_id: id } : refusal(expected, id),
          );
        }
      }
    },
  },
  {
    rules: ['WT2', 'FM2'],
    title: 'ids that could be none are found no more than others',
    needs: ['rest'],
    async run(context) {
      const viewer = await connectViewer(context, await context.user());
      for (const id of ['*', '>', 'a.b', 'x'.repeat(65), '../x', 'ü']) {
        viewer.send(message('watch_request', { device_id: id }, id));
        await viewer.expect(refusal('Device not found', id));
      }
      for (const id of ['*', 'abc', randomUUID()]) {
        for (const sent of [ice(id, null, id), offer(id, id), message('end_watch', { session_id: id }, id)]) {
          viewer.send(sent);
          await viewer.expect(refusal('Session not found', id));
        }
      }
    },
  },
  {
    rules: ['WT4', 'FM2'],
    title: 'who may signal: the two parties of the session, and nobody else, be they owner, shared with, or a device',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [owner, shared, stranger] = await context.users(3);
      const camera = await makeDevice(context, owner);
      await share(context, camera, shared);
      const device = await connectDevice(context, camera);
      const viewer = await connectViewer(context, shared, { gateway: 2 });
      const sessionId = await begin(viewer, device, camera, shared);
      await negotiate({ sessionId, device, viewer });
      for (const user of [owner, stranger]) {
        const other = await connectViewer(context, user);
        for (const sent of [offer, (id: string, r: string) => ice(id, 'x', r)]) {
          other.send(sent(sessionId, 'r'));
          await other.expect(refusal('Unauthorized', 'r'));
        }
        other.send(message('end_watch', { session_id: sessionId }, 'r'));
        await other.expect(refusal('Unauthorized', 'r'));
      }
      const foreign = await connectDevice(context, await makeDevice(context, owner), { gateway: 2 });
      for (const sent of [answer(sessionId, 'r'), ice(sessionId, 'x', 'r')]) {
        foreign.send(sent);
        await foreign.expect(refusal('Unauthorized', 'r'));
      }
      // Nothing of it has reached them.
      await alive(device);
      await alive(viewer);
    },
  },
  {
    rules: ['WT4', 'WT5'],
    title: 'a session that has ended is found by none of its parties',
    needs: ['rest'],
    async run(context) {
      const owner = await context.user();
      const camera = await makeDevice(context, owner);
      const device = await connectDevice(context, camera);
      const viewer = await connectViewer(context, owner, { gateway: 2 });
      const sessionId = await begin(viewer, device, camera, owner);
      await negotiate({ sessionId, device, viewer });
      viewer.send(message('end_watch', { session_id: sessionId }));
      for (const client of [viewer, device]) await client.expect(ended(sessionId, 'user_ended'));
      const late: readonly (readonly [Client, readonly object[]])[] = [
        [
          viewer,
          [offer(sessionId, 'r'), ice(sessionId, 'x', 'r'), message('end_watch', { session_id: sessionId }, 'r')],
        ],
        [device, [answer(sessionId, 'r'), ice(sessionId, null, 'r')]],
      ];
      for (const [client, messages] of late) {
        for (const sent of messages) {
          client.send(sent);
          await client.expect(refusal('Session not found', 'r'));
        }
      }
    },
  },
  {
    rules: ['WT14', 'WT6'],
    title: 'who is not shared with any more is out at once, the owner is not',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [owner, shared] = await context.users(2);
      const camera = await makeDevice(context, owner);
      await share(context, camera, shared);
      const device = await connectDevice(context, camera);
      const theirs = await connectViewer(context, shared, { gateway: 2 });
      const sessionId = await begin(theirs, device, camera, shared);
      const own = await connectViewer(context, owner);
      const ownId = await begin(own, device, camera, owner);
      const path = `/devices/${camera.id}/viewers/${shared.id}`;
      await context.rest.expect('DELETE', path, 204, { bearer: owner.token });
      for (const client of [theirs, device]) await client.expect(ended(sessionId, 'error'));
      await negotiate({ sessionId: ownId, device, viewer: own });
      await context.rest.expect('DELETE', `/devices/${camera.id}`, 204, { bearer: owner.token });
      await own.expect(ended(ownId, 'error'));
      const { frames } = await device.ended();
      check(JSON.stringify(frames).includes(ownId), 'the device was not told of the end');
    },
  },
];
