import type { Bus } from '@parley/bus';
import { compile, DeviceId, devices, newUserId, type UserId } from '@parley/contracts';
import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { patiently } from './harness/patiently.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';

const PAIRS = 1_000;
const QUICK_PAIRS = 200;
const REGISTERING_AT_ONCE = 16;

const variants = [
  { name: '20 a second', fields: { rate: 20 } },
  { name: '1 at a time', fields: { atOnce: 1 } },
  { name: '16 at once', fields: { atOnce: 16 } },
  { name: '64 at once', fields: { atOnce: 64 } },
  { name: '256 at once', fields: { atOnce: 256 } },
] as const;

const figures = [
  ...['perSecond', 'device p50', 'device p99', 'answer p50', 'answer p99'],
  ...['refused', 'signaling', 'gateways'],
];

/**
 * Sessions between 1,000 devices and 1,000 viewers, each viewer on the other of two gateways: asked for, offered, answered, and
 * ended. One is set up when the answer is with the viewer.
 */
export const watch: Bench = {
  name: 'watch',
  async run({ quick }) {
    const count = quick ? QUICK_PAIRS : PAIRS;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const env = { PARLEY_TURN_URLS: 'turn:192.0.2.1:3478', PARLEY_TURN_SECRET: 'shared with nobody' };
      const { cluster, bus, tokens, usage } = await startBenchCluster(later, { gateways: 2, env });
      const owners = Array.from({ length: count }, () => newUserId());
      const registered = await register(bus, owners);
      const { rig: clients } = await Rig.start('the clients', 'watch/clients.js');
      later(() => clients.stop());
      await clients.ask('enter', {
        port: cluster.gateway(1).ports[0],
        otherPort: cluster.gateway(2).ports[0],
        deviceIds: registered.map(({ deviceId }) => deviceId),
        keys: registered.map(({ key }) => key),
        tokens: owners.map((owner) => tokens.make(owner)),
      });
      const cpu = async () => ({
        signaling: (await usage(cluster.process('signaling'))).cpuSeconds,
        gateways: (await Promise.all(cluster.gateways.map(usage))).reduce((sum, one) => sum + one.cpuSeconds, 0),
      });
      await clients.ask('run', { atOnce: 16, seconds: 2 });
      await interleave(quick ? 2 : 5, variants, async ({ name, fields }) => {
        const before = await cpu();
        const { count: made = NaN, ...values } = await clients.ask('run', { seconds: quick ? 3 : 8, ...fields });
        const after = await cpu();
        for (const [figure, value] of Object.entries(values)) measured.add(`${name}, ${figure}`, value);
        for (const of of ['signaling', 'gateways'] as const) {
          measured.add(`${name}, ${of}`, ((after[of] - before[of]) / made) * 1_000);
        }
      });
      await clients.ask('leave');
    });
    const header = [
      ...[`${count} devices and ${count} viewers`, 'set up and ended/s', 'request to device p50 ms', 'p99 ms'],
      ...['request to answer p50 ms', 'p99 ms', 'told to come later', 'CPU-ms of signaling each', 'of both gateways'],
    ];
    say(
      table(
        header,
        variants.map(({ name }) => [name, ...figures.map((figure) => show(measured.spread(`${name}, ${figure}`)))]),
      ),
    );
  },
};

interface Registered {
  readonly deviceId: string;
  readonly key: string;
}

/** A device of each. */
async function register(bus: Bus, owners: readonly UserId[]): Promise<readonly Registered[]> {
  const deviceIdCheck = compile(DeviceId);
  const one = async (actorId: UserId): Promise<Registered> => {
    const deviceId = `bench-${actorId}`;
    if (!deviceIdCheck.is(deviceId)) throw new Error('no device id');
    const request = { actorId, deviceId, name: 'Bench', auth: 'key' } as const;
    const { key } = await patiently('signaling', () => bus.call(devices.register, request));
    return { deviceId, key: key ?? '' };
  };
  const all: Registered[] = [];
  for (let at = 0; at < owners.length; at += REGISTERING_AT_ONCE) {
    all.push(...(await Promise.all(owners.slice(at, at + REGISTERING_AT_ONCE).map(one))));
  }
  return all;
}
