import type { Bus } from '@parley/bus';
import { newSessionId, newUserId, sessions, type SessionId, type UserId } from '@parley/contracts';
import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { patiently } from './harness/patiently.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';

const PLACES = 10;

const variants = [
  { name: '1 party, 50 at once', parties: 1, each: 50, command: 'rush' },
  { name: '20 parties, 50 at once each', parties: 20, each: 50, command: 'rush' },
  { name: '1 party, one after the other', parties: 1, each: PLACES, command: 'file' },
  { name: '100 parties, in each one after the other', parties: 100, each: PLACES, command: 'file' },
] as const;

/** Joins of parties of 10 on two gateways, whose members are counted: never one more than there are places. */
export const party: Bench = {
  name: 'party',
  async run({ quick }) {
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const { cluster, bus } = await startBenchCluster(later, { gateways: 2 });
      const ports = { port: cluster.gateway(1).ports[0], otherPort: cluster.gateway(2).ports[0] };
      const { rig: clients } = await Rig.start('the clients', 'party/clients.js');
      later(() => clients.stop());
      const run = async ({ parties, each, command }: (typeof variants)[number]) => {
        const made = await Promise.all(Array.from({ length: parties }, () => make(bus)));
        await clients.ask('open', { ...ports, each, sessionIds: made.map(({ sessionId }) => sessionId) });
        const values = await clients.ask(command, { places: PLACES });
        for (const one of made) await end(bus, one);
        await clients.ask('close');
        return values;
      };
      for (const variant of variants) await run(variant);
      await interleave(quick ? 2 : 7, variants, async (variant) => {
        for (const [figure, value] of Object.entries(await run(variant))) {
          measured.add(`${variant.name}, ${figure}`, value);
        }
      });
    });
    const figures = ['perSecond', 'answer p50', 'answer p99', 'told p50', 'told p99'];
    say(
      table(
        [`parties of ${PLACES}`, 'joins answered/s', 'p50 ms', 'p99 ms', 'all others know p50 ms', 'p99 ms'],
        variants.map(({ name }) => [name, ...figures.map((figure) => show(measured.spread(`${name}, ${figure}`)))]),
      ),
    );
  },
};

interface Made {
  readonly sessionId: SessionId;
  readonly userId: UserId;
}

async function make(bus: Bus): Promise<Made> {
  const made = { sessionId: newSessionId(), userId: newUserId() };
  const request = { ...made, name: 'Bench', address: '127.0.0.1', maxMembers: PLACES };
  await patiently('session', () => bus.call(sessions.create, request));
  return made;
}

async function end(bus: Bus, { sessionId, userId }: Made): Promise<void> {
  const authority = { by: 'user', userId } as const;
  await patiently('session', () => bus.call(sessions.close, { sessionId, authority }));
}
