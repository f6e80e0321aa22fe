import { at, aUuid, iceServers, isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import { Skipped } from '../failure.js';
import {
  alive,
  begin,
  check,
  connectDevice,
  connectViewer,
  ended,
  exactly,
  makeDevice,
  message,
  refusal,
  share,
  told,
  watching as aSession,
} from './steps.js';

const HOUR_SECONDS = 3_600;

interface Turn {
  readonly username: string;
  readonly credential: string;
}

/** The servers of a message that have credentials. */
function turnOf(json: unknown): readonly Turn[] {
  const servers = at(json, 'payload.ice_servers');
  return (Array.isArray(servers) ? servers : []).flatMap((server): Turn[] => {
    const { username, credential } = isRecord(server) ? server : {};
    return typeof username === 'string' && typeof credential === 'string' ? [{ username, credential }] : [];
  });
}

export const watching: readonly Scenario[] = [
  {
    rules: ['WT1', 'FM2'],
    title: 'watch_ready to the viewer and watch_request to the device, field by field, over two gateways',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera);
      const viewer = await connectViewer(context, user, { gateway: 2 });
      viewer.send(message('watch_request', { device_id: camera.id }, 'req-001'));
      const ready = await viewer.message();
      exactly(told('watch_ready', { session_id: aUuid, ice_servers: iceServers }, 'req-001'), ready);
      const sessionId = String(at(ready.json, 'payload.session_id'));
      const requested = await device.message();
      const payload = { session_id: sessionId, user_id: user.id, ice_servers: iceServers };
      exactly(told('watch_request', payload), requested);
    },
  },
  {
    rules: ['WT17'],
    title: 'each party of each session has TURN credentials of its own, good for an hour',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera);
      const seen = new Set<string>();
      for (const gateway of [1, 2] as const) {
        const viewer = await connectViewer(context, user, { gateway });
        viewer.send(message('watch_request', { device_id: camera.id }));
        const frames = { viewer: await viewer.message(), device: await device.message() };
        for (const role of ['viewer', 'device'] as const) {
          const frame = frames[role];
          const [turn] = turnOf(frame.json);
          if (turn === undefined) throw new Skipped('the server gives no TURN servers');
          const [expiry = '', name = ''] = turn.username.split(':');
          const left = Number(expiry) - Date.now() / 1_000;
          check(left > HOUR_SECONDS - 60 && left < HOUR_SECONDS + 60, `expires in ${Math.round(left)} s`, frame);
          check(name.startsWith(`${role}_`), `the name is not the ${role}'s`, frame);
          check(name.endsWith(`_${String(at(frame.json, 'payload.session_id'))}`), 'no session in the name', frame);
          check(Buffer.from(turn.credential, 'base64').length === 20, 'no SHA-1', frame);
          check(!seen.has(turn.credential), 'credentials were given twice', frame);
          seen.add(turn.credential);
        }
      }
    },
  },
  {
    rules: ['WT11'],
    title: 'a device serves so many viewers and no more; one that ends makes room',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [owner, other] = await context.users(2);
      const camera = await makeDevice(context, owner);
      await share(context, camera, other);
      const device = await connectDevice(context, camera);
      const most = context.settings.limits.viewersPerDevice;
      const sessions = [];
      for (let n = 0; n < most; n++) {
        const user = n % 2 === 0 ? owner : other;
        const viewer = await connectViewer(context, user, { gateway: n % 2 === 0 ? 1 : 2 });
        sessions.push({ viewer, sessionId: await begin(viewer, device, camera, user) });
      }
      check(new Set(sessions.map(({ sessionId }) => sessionId)).size === most, 'sessions are shared');
      const late = await connectViewer(context, owner, { gateway: 2 });
      late.send(message('watch_request', { device_id: camera.id }, 'r'));
      await late.expect(refusal('Too many viewers', 'r'));
      const [first] = sessions;
      first?.viewer.send(message('end_watch', { session_id: first.sessionId }));
      await device.expect(ended(first?.sessionId ?? '', 'user_ended'));
      await begin(late, device, camera, owner);
    },
  },
  {
    rules: ['WT11', 'WT6'],
    title: 'a connection that asks for the device again has one session with it, the newest',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer, camera, user } = await aSession(context);
      viewer.send(message('watch_request', { device_id: camera.id }, 'again'));
      await viewer.eventually(ended(sessionId, 'user_ended'));
      await device.expect(ended(sessionId, 'user_ended'));
      const requested = await device.expect({ type: 'watch_request', payload: { user_id: user.id } });
      check(at(requested.json, 'payload.session_id') !== sessionId, 'the same session', requested);
      viewer.send(message('end_watch', { session_id: sessionId }, 'old'));
      await viewer.eventually(refusal('Session not found', 'old'));
    },
  },
  {
    rules: ['WT11'],
    title: 'a connection may watch several devices',
    needs: ['rest'],
    async run(context) {
      const { device, viewer, user, sessionId } = await aSession(context);
      const camera = await makeDevice(context, user);
      const second = await connectDevice(context, camera);
      await begin(viewer, second, camera, user);
      viewer.send(message('end_watch', { session_id: sessionId }));
      await viewer.expect(ended(sessionId, 'user_ended'));
      await device.expect(ended(sessionId, 'user_ended'));
      await alive(second);
    },
  },
  {
    rules: ['WT15'],
    title: 'a device that connects anew is told of the session that nobody has made an offer in',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, camera, user } = await aSession(context);
      device.drop();
      const back = await connectDevice(context, camera, { gateway: 2 });
      const requested = await back.expect({ type: 'watch_request' });
      const payload = { session_id: sessionId, user_id: user.id, ice_servers: iceServers };
      exactly(told('watch_request', payload), requested);
    },
  },
];
