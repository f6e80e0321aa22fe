import { at, difference } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  alive,
  check,
  connectDevice,
  makeDevice,
  message,
  refusal,
  share,
  connectViewer,
  begin,
  told,
  watching,
} from './steps.js';

const PRESENCE_BYTES = 4_096;

export const presence: readonly Scenario[] = [
  {
    rules: ['WT8'],
    title: 'what a device says of itself is not answered; REST shows the last of it, and whether the device is online',
    needs: ['rest'],
    async run(context) {
      const owner = await context.user();
      const camera = await makeDevice(context, owner, 'none');
      const read = () => context.rest.expect('GET', `/devices/${camera.id}`, 200, { bearer: owner.token });
      const before = await read();
      check(at(before, 'online') === false && at(before, 'presence') === null, 'it was never connected');
      const device = await connectDevice(context, camera);
      const said = { battery: 85, temperature: 45, recording: false, deep: { a: [1, null, 'ü'] } };
      for (const payload of [{ gone: true }, said]) device.send(message('device_presence', payload, 'p'));
      await alive(device);
      const after = await read();
      check(at(after, 'online') === true, 'it is not online');
      const differing = difference(said, at(after, 'presence'), { exact: true });
      check(differing === undefined, differing ?? '');
    },
  },
  {
    rules: ['WT9'],
    title: 'viewers of the device hear it, others do not',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [owner, shared] = await context.users(2);
      const { device, viewer, camera } = await watching(context, owner);
      await share(context, camera, shared);
      const other = await connectViewer(context, shared, { gateway: 2 });
      const idle = await connectViewer(context, shared);
      await begin(other, device, camera, shared);
      device.send(message('device_presence', { battery: 85 }));
      for (const client of [viewer, other]) {
        await client.expect(told('device_presence', { device_id: camera.id, presence: { battery: 85 } }));
      }
      await alive(idle);
    },
  },
  {
    rules: ['WT8', 'FM2'],
    title: 'what cannot be kept is refused, and changes nothing',
    needs: ['rest'],
    async run(context) {
      const owner = await context.user();
      const camera = await makeDevice(context, owner);
      const device = await connectDevice(context, camera, { gateway: 2 });
      const nested = (levels: number): unknown => (levels === 0 ? 1 : { deep: nested(levels - 1) });
      device.send(message('device_presence', { battery: 1 }));
      for (const payload of [
        { text: 'x'.repeat(PRESENCE_BYTES) },
        { text: '\u0000' },
        { text: '\ud800' },
        { a: nested(40) },
      ]) {
        device.send(message('device_presence', payload, 'r'));
        await device.expect(refusal((text: unknown) => typeof text === 'string' && text.startsWith('payload: '), 'r'));
      }
      const kept = at(
        await context.rest.expect('GET', `/devices/${camera.id}`, 200, { bearer: owner.token }),
        'presence',
      );
      check(JSON.stringify(kept) === '{"battery":1}', `kept ${JSON.stringify(kept)}`);
    },
  },
];
