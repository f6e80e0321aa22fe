import type { Bus } from '@parley/bus';
import {
  channels,
  newServerId,
  newUserId,
  servers,
  type ChannelId,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { metricSum } from './harness/metrics.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';

const MEMBERS = 1_000;
const POSTERS = 64;
const JOINING_AT_ONCE = 20;

const variants = [
  { name: '10 posts a second', fields: { rate: 10 } },
  { name: '1 poster', fields: { posters: 1 } },
  { name: '16 posters', fields: { posters: 16 } },
  { name: '64 posters', fields: { posters: 64 } },
] as const;

/** Posted over REST on one gateway, committed, stored, and counted at each of 1,000 members on two. */
export const chat: Bench = {
  name: 'chat',
  async run({ quick }) {
    const seconds = quick ? 3 : 8;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const { cluster, tokens, bus } = await startBenchCluster(later, { gateways: 2 });
      const people = Array.from({ length: MEMBERS }, () => newUserId());
      const channelId = await makeChannel(bus, people);
      const { rig: clients } = await Rig.start('the clients', 'clients/chat.js');
      later(() => clients.stop());
      const own = people.map((person) => tokens.make(person));
      for (const [index, gateway] of cluster.gateways.entries()) {
        const half = own.filter((_, at) => at % 2 === index);
        await clients.ask('join', { port: gateway.ports[0], tokens: half });
      }
      await clients.ask('quiet');
      const { probesUrl } = cluster.process('messaging');
      const commits = () => metricSum(probesUrl, 'parley_messaging_chat_commits');
      const target = { port: cluster.gateway(1).ports[0], channelId, tokens: own.slice(0, POSTERS) };
      await clients.ask('run', { ...target, posters: 16, seconds: 2 });
      await interleave(quick ? 2 : 5, variants, async ({ name, fields }) => {
        const before = await commits();
        const { sent = 0, perSecond = NaN, ...times } = await clients.ask('run', { ...target, ...fields, seconds });
        measured.add(name, perSecond);
        measured.add(`${name} p50`, (times['p50'] ?? NaN) / 1_000);
        measured.add(`${name} p99`, (times['p99'] ?? NaN) / 1_000);
        measured.add(`${name} commits`, ((await commits()) - before) / sent);
      });
    });
    say(
      table(
        ['a channel of 1,000 members', 'messages/s, at everyone', 'p50 ms', 'p99 ms', 'commits per message'],
        variants.map(({ name }) => [
          name,
          ...['', ' p50', ' p99', ' commits'].map((what) => show(measured.spread(`${name}${what}`))),
        ]),
      ),
    );
  },
};

async function makeChannel(bus: Bus, people: readonly UserId[]): Promise<ChannelId> {
  const [actorId] = people;
  if (actorId === undefined) throw new Error('nobody');
  const serverId = newServerId();
  await must(bus.call(servers.create, { actorId, serverId, name: 'Bench' }));
  const { id } = await must(bus.call(channels.create, { actorId, serverId, name: 'bench', type: 'text' }));
  for (let at = 0; at < people.length; at += JOINING_AT_ONCE) {
    const some = people.slice(at, at + JOINING_AT_ONCE);
    await Promise.all(some.map((one) => must(bus.call(servers.join, { actorId: one, serverId }))));
  }
  return id;
}

async function must<T>(asked: Promise<Outcome<T>>): Promise<T> {
  const outcome = await asked;
  if (!outcome.ok) throw new Error(`the channel could not be made: ${outcome.error.message}`);
  return outcome.value;
}
