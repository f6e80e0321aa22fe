import { refusalOf } from '../client.js';
import { withToken } from '../context.js';
import { Skipped } from '../failure.js';
import { anIsoTime, aTime, named } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  answered,
  check,
  connectDevice,
  connectViewer,
  deviceHello,
  deviceSocket,
  deviceUrl,
  ended,
  makeDevice,
  message,
  refusal,
  told,
  viewerSocket,
} from './steps.js';

const soon = named('a time, as text', (value) => typeof value === 'string' && aTime(Date.parse(value)));

export const handshake: readonly Scenario[] = [
  {
    rules: ['HL1', 'HL2', 'HL5'],
    title: 'every listener serves /ws/device and /ws/viewer; unknown paths do not',
    needs: ['listeners', 'rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      for (const listener of context.settings.listeners ?? []) {
        const device = await context.openUrl(`${listener}/ws/device`);
        device.send(deviceHello(camera));
        await device.expect(told('hello_ack', { device_id: camera.id, server_time: anIsoTime }));
        const viewer = await context.openUrl(`${listener}/ws/viewer`);
        viewer.send(message('hello', { token: user.token }));
        await viewer.expect(told('hello_ack', { user_id: user.id, server_time: anIsoTime }));
        check((await refusalOf(`${listener}/ws/viewers`)) === 404, 'an unknown path is not 404');
      }
    },
  },
  {
    rules: ['HL2', 'HL3'],
    title: 'a device’s key comes in the hello, as ?key=, or by any carrier of tokens; a keyless one says its id alone',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const { id, key = '' } = camera;
      const url = deviceUrl(context.urlOf(2));
      const byUpgrade = [
        [`${url}?key=${key}`, {}],
        [withToken(url, key), {}],
        [url, { headers: { Authorization: `Bearer ${key}` } }],
        [url, { subprotocols: [`access_token.${key}`] }],
      ] as const;
      for (const [address, options] of byUpgrade) {
        const client = await context.openUrl(address, options);
        client.send(message('hello', { device_id: id }, 'h'));
        await client.expect(told('hello_ack', { device_id: id, server_time: anIsoTime }, 'h'));
        await client.close();
      }
      await alive(await connectDevice(context, camera));
      await alive(await connectDevice(context, await makeDevice(context, user, 'none'), { gateway: 2 }));
    },
  },
  {
    rules: ['HL4'],
    title: 'an unknown device and a wrong key: the same words, close 1008',
    needs: ['rest'],
    async run(context) {
      const { id, key } = await makeDevice(context, await context.user());
      const wrong = `${String(key).slice(0, -1)}${String(key).endsWith('A') ? 'B' : 'A'}`;
      for (const hello of [
        { id, key: undefined },
        { id, key: wrong },
        { id: `${id}-x`, key },
        { id: 'a.b', key },
        { id: '*', key: undefined },
      ]) {
        const client = await deviceSocket(context);
        client.send(deviceHello(hello));
        await client.expect(refusal('Unauthorized'));
        const { reason } = await client.expectClose(1008);
        check(reason === 'unknown device or wrong key', `the reason is "${reason}"`);
      }
    },
  },
  {
    rules: ['HL5'],
    title: 'a viewer’s token comes in the hello or by any carrier of the upgrade',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      for (const carrier of ['query', 'header', 'subprotocol'] as const) {
        const client = await context.open(user, { carrier, gateway: 2 });
        client.send(message('hello', {}, carrier));
        await client.expect(told('hello_ack', { user_id: user.id, server_time: anIsoTime }, carrier));
      }
      await alive(await connectViewer(context, user));
    },
  },
  {
    rules: ['HL6'],
    title: 'an invalid token, wherever it comes, or none: Invalid token, close 1008',
    needs: ['rest'],
    async run(context) {
      const { token } = await context.user();
      const [head = '', claims = '', signature = ''] = token.split('.');
      const forged = [head, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
      for (const bad of [forged, 'not-a-token']) {
        const upgraded = await context.openUrl(withToken(context.settings.url, bad));
        await upgraded.expect(refusal('Invalid token'));
        await upgraded.expectClose(1008);
      }
      for (const payload of [{ token: forged }, { token: 'not-a-token' }, {}]) {
        const client = await viewerSocket(context, { gateway: 2 });
        client.send(message('hello', payload, 'h'));
        await client.expect(refusal('Invalid token', 'h'));
        await client.expectClose(1008);
      }
    },
  },
  {
    rules: ['HL7', 'FM2'],
    title: 'nothing is done before a hello; what follows it without waiting is done after it',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const [device, viewer] = [await deviceSocket(context), await viewerSocket(context, { gateway: 2 })];
      const session = { session_id: '018f0000-0000-7000-8000-000000000000' };
      for (const [client, type, payload] of [
        [device, 'heartbeat', {}],
        [device, 'device_presence', { battery: 1 }],
        [device, 'signal_ice', { ...session, candidate: null }],
        [viewer, 'heartbeat', {}],
        [viewer, 'watch_request', { device_id: camera.id }],
        [viewer, 'signal_ice', { ...session, candidate: null }],
        [viewer, 'end_watch', session],
        [viewer, 'auth', { token: user.token }],
      ] as const) {
        client.send(message(type, payload, type));
        await client.expect(refusal('Unauthorized', type));
      }
      for (const [client, hello] of [
        [device, deviceHello(camera)],
        [viewer, message('hello', { token: user.token })],
      ] as const) {
        client.send(hello);
        for (const id of ['1', '2', '3']) client.send(message('heartbeat', {}, id));
        await client.expect({ type: 'hello_ack' });
        for (const id of ['1', '2', '3']) await client.expect(told('heartbeat_ack', {}, id));
      }
    },
  },
  {
    rules: ['HL8'],
    title: 'who says no hello for 10 s is told and closed with 1008, also with a token from the upgrade',
    waitsSeconds: 11,
    async run(context) {
      const clients = [
        await deviceSocket(context),
        await viewerSocket(context, { gateway: 2 }),
        await context.open(await context.user()),
      ];
      await Promise.all(
        clients.map(async (client) => {
          await client.expect(refusal('Unauthorized'), 12_000);
          await client.expectClose(1008);
        }),
      );
    },
  },
  {
    rules: ['HL9', 'FM2'],
    title: 'a second hello is an error and changes nothing',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera);
      device.send(message('hello', { device_id: 'another' }, 'again'));
      const viewer = await connectViewer(context, user);
      viewer.send(message('hello', { token: 'bad' }, 'again'));
      for (const client of [device, viewer]) {
        await client.expect(refusal('This connection has said hello already', 'again'));
        await alive(client);
      }
    },
  },
  {
    rules: ['HL11'],
    title: 'one connection too many of a user is closed with 1008; the others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const viewers = [];
      for (let n = 0; n < context.settings.limits.connectionsPerUser; n++) {
        viewers.push(await connectViewer(context, user, { gateway: n % 2 === 0 ? 1 : 2 }));
      }
      const client = await viewerSocket(context);
      client.send(message('hello', { token: user.token }));
      const { reason } = await client.expectClose(1008);
      check(reason === 'too many connections', `the reason is "${reason}"`);
      for (const viewer of viewers) await alive(viewer);
    },
  },
  {
    rules: ['HL13'],
    title: 'a fresh token renews the login in place; other tokens change nothing',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await context.users(2);
      const viewer = await connectViewer(context, alice);
      const fresh = await context.logIn(alice);
      viewer.send(message('auth', { token: fresh.token }, 'a'));
      await viewer.expect(told('auth_ack', { expires_at: soon }, 'a'));
      for (const token of [bob.token, 'garbage']) {
        viewer.send(message('auth', { token }, 'b'));
        await viewer.expect(refusal('Invalid token', 'b'));
      }
      await alive(viewer);
    },
  },
  {
    rules: ['HL13', 'HL14'],
    title: 'an expired token ends the connection with 1008; one that was renewed goes on',
    needs: ['rest'],
    waitsSeconds: 40,
    async run(context) {
      const user = await context.user({ fresh: true });
      const left = (user.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
      if (left > context.settings.longestWaitSeconds * 1_000)
        throw new Skipped('tokens live too long to see their end');
      const [viewer, renewed] = [await connectViewer(context, user), await connectViewer(context, user)];
      await new Promise((resolve) => setTimeout(resolve, left - 3_000));
      const fresh = await context.logIn(user);
      renewed.send(message('auth', { token: fresh.token }));
      await renewed.expect({ type: 'auth_ack' });
      await viewer.expect(refusal('Invalid token'), 8_000);
      const { reason } = await viewer.expectClose(1008);
      check(reason === 'token expired', `the reason is "${reason}"`);
      await alive(renewed);
    },
  },
  {
    rules: ['HL16'],
    title: 'a device that is deleted is told and closed with 1008, and is unknown from then on',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera, { gateway: 2 });
      await context.rest.expect('DELETE', `/devices/${camera.id}`, 204, { bearer: user.token });
      await device.expect(refusal('Device not found'));
      await device.expectClose(1008);
      const again = await deviceSocket(context);
      again.send(deviceHello(camera));
      await again.expect(refusal('Unauthorized'));
      await again.expectClose(1008);
    },
  },
  {
    rules: ['FM8', 'WT7'],
    title: 'who logs out is told and closed with 1008, and what they watch ends at once; their device stays',
    needs: ['rest'],
    async run(context) {
      const user = await context.logIn(await context.user({ fresh: true }));
      const { sessionId, device, viewer } = await answered(context, user);
      await context.logOut(user);
      await viewer.expect(refusal('Invalid token'));
      await viewer.expectClose(1008);
      await device.expect(ended(sessionId, 'viewer_disconnected'));
      await alive(device);
    },
  },
];
