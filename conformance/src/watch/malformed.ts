import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  check,
  connectDevice,
  connectViewer,
  deviceSocket,
  makeDevice,
  message,
  viewerSocket,
} from './steps.js';

const TS = '2025-01-01T12:36:00.000Z';

function text(members: string): string {
  return `{"ts":"${TS}",${members}}`;
}

/** Of either role. */
const bad: readonly (readonly [text: string, field: string])[] = [
  ['{"type":', 'frame'],
  ['[1]', 'frame'],
  ['"hello"', 'frame'],
  [text('"payload":{}'), 'type'],
  [text('"type":7,"payload":{}'), 'type'],
  [text('"type":"dance","payload":{}'), 'type'],
  [text('"type":"watch_ready","payload":{}'), 'type'],
  [text('"type":"heartbeat"'), 'payload'],
  [text('"type":"heartbeat","payload":[]'), 'payload'],
  ['{"type":"heartbeat","payload":{}}', 'ts'],
  ['{"type":"heartbeat","ts":"now","payload":{}}', 'ts'],
  ['{"type":"heartbeat","ts":1735734960000,"payload":{}}', 'ts'],
  [text('"type":"heartbeat","payload":{},"request_id":7'), 'request_id'],
  [text('"type":"signal_ice","payload":{"session_id":"x"}'), 'payload.candidate'],
  [text('"type":"signal_ice","payload":{"session_id":"x","candidate":"y"}'), 'payload.candidate'],
  [text('"type":"signal_ice","payload":{"candidate":null}'), 'payload.session_id'],
];
const ofDevices: typeof bad = [
  [text('"type":"watch_request","payload":{"device_id":"x"}'), 'type'],
  [text('"type":"signal_offer","payload":{"session_id":"x","sdp":{"type":"offer","sdp":""}}'), 'type'],
];
const ofViewers: typeof bad = [
  [text('"type":"device_presence","payload":{}'), 'type'],
  [text('"type":"watch_request","payload":{"device_id":7}'), 'payload.device_id'],
  [text('"type":"signal_offer","payload":{"session_id":"x","sdp":{"type":"answer","sdp":""}}'), 'payload.sdp.type'],
  [text('"type":"signal_offer","payload":{"session_id":"x"}'), 'payload.sdp'],
];

export const malformed: readonly Scenario[] = [
  {
    rules: ['FM1', 'FM5', 'FM6'],
    title: 'bad messages are answered with the path of what was wrong, and the connection goes on',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user, 'none');
      // Not as many on one connection as would close it.
      const batches = [bad.slice(0, 9), bad.slice(9)];
      for (const batch of batches) {
        const device = await connectDevice(context, camera);
        const viewer = await connectViewer(context, user, { gateway: 2 });
        for (const [client, own] of [
          [device, ofDevices],
          [viewer, ofViewers],
        ] as const) {
          for (const [sent, field] of [...batch, ...own]) {
            client.sendText(sent);
            const frame = await client.expect({ type: 'error' });
            const said = String(at(frame.json, 'payload.message'));
            check(said.startsWith(`${field}: `), `the text does not name ${field} of ${sent}`, frame);
          }
          client.sendBinary(Uint8Array.from([1, 2, 3]));
          const frame = await client.expect({ type: 'error' });
          check(frame.text.includes('"frame: '), 'the text does not name the frame', frame);
          client.send({ ...message('heartbeat', { more: 1 }), unknown: { fields: ['are', 'ignored'] } });
          await client.expect({ type: 'heartbeat_ack' });
        }
      }
    },
  },
  {
    rules: ['FM2', 'FM5'],
    title: 'the id of what was wrong is told, as far as there is one',
    needs: ['rest'],
    async run(context) {
      const viewer = await connectViewer(context, await context.user());
      viewer.send(message('dance', {}, 'r1'));
      await viewer.expect({ type: 'error', request_id: 'r1' });
      viewer.send(message('watch_request', {}, 'r2'));
      await viewer.expect({ type: 'error', request_id: 'r2' });
      viewer.sendText('{"request_id":"r3"');
      await viewer.expect({ type: 'error', request_id: undefined });
    },
  },
  {
    rules: ['FM5', 'HL7'],
    title: '20 bad messages within 10 s close with 1008, one fewer does not; before a hello too',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      for (const client of [
        await connectDevice(context, camera),
        await connectViewer(context, user, { gateway: 2 }),
        await deviceSocket(context),
        await viewerSocket(context),
      ]) {
        for (let n = 0; n < 19; n++) {
          client.send(message('dance'));
          await client.expect({ type: 'error' });
        }
        client.send(message('dance'));
        const { closed } = await client.ended();
        check(closed.code === 1008, `closed with ${closed.code} ${closed.reason}`);
      }
    },
  },
  {
    rules: ['FM7'],
    title: 'too many messages close with 1008',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const device = await connectDevice(context, await makeDevice(context, user));
      for (const client of [device, await connectViewer(context, user)]) {
        for (let n = 0; n < context.settings.limits.burst * 2; n++) client.send(message('heartbeat'));
        const { closed } = await client.ended(15_000);
        check(closed.code === 1008 && closed.reason === 'too many messages', `${closed.code} ${closed.reason}`);
      }
    },
  },
  {
    rules: ['FM8'],
    title: 'a frame over the limit closes with 1009, one that is not UTF-8 with 1007',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const device = await connectDevice(context, await makeDevice(context, user));
      const long = 'x'.repeat(context.settings.limits.frameBytes);
      for (const client of [device, await connectViewer(context, user)]) {
        await alive(client);
        client.send(message('heartbeat', { long }));
        check((await client.ended()).closed.code === 1009, 'not closed with 1009');
      }
      const viewer = await connectViewer(context, user);
      viewer.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
      check((await viewer.ended()).closed.code === 1007, 'not closed with 1007');
    },
  },
];
