import type { Scenario } from '../scenario.js';
import { check, connectDevice, connectViewer, makeDevice, message, told } from './steps.js';

const SILENT_SECONDS = 90;

export const keepalive: readonly Scenario[] = [
  {
    rules: ['FM3', 'FM2'],
    title: 'heartbeats of both are acknowledged, each with its id, in order',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const device = await connectDevice(context, await makeDevice(context, user), { gateway: 2 });
      for (const client of [device, await connectViewer(context, user)]) {
        client.send(message('heartbeat'));
        for (const id of ['1', '2', 'x'.repeat(128)]) client.send(message('heartbeat', {}, id));
        await client.expect(told('heartbeat_ack', {}));
        for (const id of ['1', '2', 'x'.repeat(128)]) await client.expect(told('heartbeat_ack', {}, id));
      }
    },
  },
  {
    rules: ['FM4'],
    title: '90 s without a message or a pong are the end, for both',
    needs: ['rest'],
    waitsSeconds: SILENT_SECONDS + 5,
    async run(context) {
      const user = await context.user({ fresh: true });
      const device = await connectDevice(context, await makeDevice(context, user), { answersPings: false });
      const answering = await connectDevice(context, await makeDevice(context, user));
      const viewer = await connectViewer(context, user, { answersPings: false });
      const started = performance.now();
      await Promise.all(
        [device, viewer].map(async (client) => {
          const { closed } = await client.ended((SILENT_SECONDS + 5) * 1_000);
          // A token that lives shorter than that ends its viewer first.
          if (client === viewer && closed.reason === 'token expired') return;
          const seconds = (performance.now() - started) / 1_000;
          check(closed.code === 1001 && closed.reason === 'heartbeat timeout', `${closed.code} ${closed.reason}`);
          check(seconds > SILENT_SECONDS - 3, `closed already after ${seconds.toFixed(1)} s`);
        }),
      );
      answering.send(message('heartbeat'));
      await answering.expect({ type: 'heartbeat_ack' });
    },
  },
];
