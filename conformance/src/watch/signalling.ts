import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  answer,
  answered,
  check,
  connectDevice,
  connectViewer,
  ice,
  iceTold,
  makeDevice,
  begin,
  message,
  offer,
  passes,
  refusal,
  watching,
} from './steps.js';

const SIGNAL_BYTES = 65_536;
const BURST = 40;

/** Nothing that goes through a parser and back would stay as it is here. */
const written = [
  `{ "type" : "offer",\t"sdp":"v=0\\r\\no=- 123456789 2 IN IP4 127.0.0.1\\r\\n", "big":12345678901234567890 }`,
  `{"sdp":"\\u0076=0 \\u00e9é😀\\u0000","type":"offer","x":1.0e2,"x":-0}`,
  `{"type":"offer","sdp":"","__proto__":{"a":[]},"":null}`,
] as const;

export const signalling: readonly Scenario[] = [
  {
    rules: ['WT3'],
    title: 'offer, answer and candidates reach the other side byte for byte',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await watching(context);
      const ts = '2025-01-01T12:36:01.000Z';
      for (const sdp of written) {
        const sent = [
          [viewer, device, 'signal_offer', 'sdp', sdp],
          [device, viewer, 'signal_answer', 'sdp', sdp.replace('"offer"', '"answer"')],
          [viewer, device, 'signal_ice', 'candidate', sdp.replaceAll('sdp', 'candidate')],
          [device, viewer, 'signal_ice', 'candidate', sdp.replaceAll('sdp', 'candidate')],
        ] as const;
        for (const [from, to, type, field, body] of sent) {
          from.sendText(`{"ts":"${ts}","payload":{"${field}": ${body} ,"session_id":"${sessionId}"},"type":"${type}"}`);
          const frame = await to.expect({ type, payload: { session_id: sessionId } });
          check(frame.text.includes(`"${field}":${body}}}`), `it was sent as ${body}`, frame);
        }
      }
    },
  },
  {
    rules: ['WT3'],
    title: 'many candidates at once, both ways, arrive once and in order; the null one last',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await answered(context);
      const lines = [...Array.from({ length: BURST }, (_, n) => `candidate:${n}`), null];
      for (const line of lines) for (const client of [device, viewer]) client.send(ice(sessionId, line));
      for (const client of [device, viewer]) {
        for (const line of lines) await client.expect(iceTold(sessionId, line));
        await alive(client);
      }
    },
  },
  {
    rules: ['WT10'],
    title: 'candidates never come before the SDP that they belong to',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await watching(context);
      for (const line of ['a', 'b']) viewer.send(ice(sessionId, line));
      await alive(viewer);
      for (const line of ['x', null]) device.send(ice(sessionId, line));
      await alive(device);
      viewer.send(offer(sessionId));
      viewer.send(ice(sessionId, 'c'));
      await device.expect({ type: 'signal_offer' });
      for (const line of ['a', 'b', 'c']) await device.expect(iceTold(sessionId, line));
      await alive(viewer);
      device.send(answer(sessionId));
      device.send(ice(sessionId, 'y'));
      await viewer.expect({ type: 'signal_answer' });
      for (const line of ['x', null, 'y']) await viewer.expect(iceTold(sessionId, line));
    },
  },
  {
    rules: ['WT16', 'FM2', 'FM6'],
    title: 'each side has its own signals: no offer of a device, no answer of a viewer, none without an offer',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await watching(context);
      device.send(answer(sessionId, 'early'));
      await device.expect({ type: 'error', request_id: 'early' });
      device.send(offer(sessionId, 'r'));
      await device.expect({ type: 'error', request_id: 'r' });
      viewer.send(answer(sessionId, 'r'));
      await viewer.expect({ type: 'error', request_id: 'r' });
      viewer.send(offer(sessionId));
      await device.expect({ type: 'signal_offer' });
    },
  },
  {
    rules: ['WT16', 'FM2'],
    title: 'a signal that is too large is refused, one that is not passes',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await answered(context);
      viewer.send(ice(sessionId, 'x'.repeat(SIGNAL_BYTES), 'large'));
      const refused = await viewer.expect({ type: 'error', request_id: 'large' });
      check(String(at(refused.json, 'payload.message')).includes(String(SIGNAL_BYTES)), 'no limit is named', refused);
      viewer.send(ice(sessionId, 'x'.repeat(SIGNAL_BYTES - 100)));
      await device.expect({ type: 'signal_ice' });
      await passes({ sessionId, device, viewer });
    },
  },
  {
    rules: ['WT3'],
    title: 'offers are made anew in a session that goes on',
    needs: ['rest'],
    async run(context) {
      const { sessionId, device, viewer } = await answered(context);
      for (let times = 0; times < 2; times++) {
        viewer.send(offer(sessionId));
        await device.expect({ type: 'signal_offer' });
        device.send(answer(sessionId));
        await viewer.expect({ type: 'signal_answer' });
      }
      await passes({ sessionId, device, viewer });
    },
  },
  {
    rules: ['WT3', 'WT4'],
    title: 'two viewers of a device hear nothing of each other',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const camera = await makeDevice(context, user);
      const device = await connectDevice(context, camera);
      const one = await connectViewer(context, user);
      const oneId = await begin(one, device, camera, user);
      const two = await connectViewer(context, user, { gateway: 2 });
      const twoId = await begin(two, device, camera, user);
      for (const [viewer, sessionId] of [
        [one, oneId],
        [two, twoId],
      ] as const) {
        viewer.send(offer(sessionId));
        await device.expect({ type: 'signal_offer', payload: { session_id: sessionId } });
        device.send(answer(sessionId));
        await viewer.expect({ type: 'signal_answer', payload: { session_id: sessionId } });
      }
      one.send(message('end_watch', { session_id: oneId }));
      await one.expect({ type: 'watch_ended' });
      await device.expect({ type: 'watch_ended', payload: { session_id: oneId } });
      await passes({ sessionId: twoId, device, viewer: two });
      one.send(ice(oneId, 'x', 'r'));
      await one.expect(refusal('Session not found', 'r'));
    },
  },
];
