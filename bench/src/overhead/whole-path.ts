import type { ServiceProcess } from '@parley/testing';
import { startBenchCluster } from '../harness/cluster.js';
import { interleave, withCleanUp } from '../harness/interleave.js';
import { Rig } from '../harness/rig.js';
import { Samples, show } from '../harness/stats.js';
import { say, table } from '../harness/table.js';
import { modes, startCollector } from './modes.js';

const SOCKETS = 32;

/**
 * Broadcasts through everything, each to one receiver on the same gateway: what a message costs that gateway, whose two
 * neighbours differ in nothing but their telemetry.
 */
export async function wholePath(quick: boolean): Promise<void> {
  const measured = new Samples();
  await withCleanUp(async (later) => {
    const traced = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: await startCollector(later) };
    const { cluster, tokens, usage } = await startBenchCluster(later, {
      gateways: modes.length,
      envOf: { 'gateway-1': { OTEL_SDK_DISABLED: 'true' }, 'gateway-3': { ...traced, ...collector } },
    });
    const { rig: sink } = await Rig.start('the clients', 'clients/sink.js');
    later(() => sink.stop());
    const variants: { name: string; mode: string; process: ServiceProcess }[] = [];
    for (const [index, [mode, name]] of modes.entries()) {
      const gateway = cluster.gateway(index + 1);
      const target = { port: gateway.ports[0], path: '/ws/topics' };
      const subscribe = JSON.stringify({ type: 'Subscribe', data: { topics: [`bench.${mode}`] } });
      const ear = { group: `${mode} ear`, first: [subscribe], ready: 2, count: 1 };
      await sink.ask('open', { ...target, ...ear, tokens: tokens.many(1) });
      await sink.ask('open', { ...target, group: mode, ready: 1, count: SOCKETS, tokens: tokens.many(SOCKETS) });
      variants.push({ name, mode, process: gateway });
    }
    const run = async ({ mode, name, process }: (typeof variants)[number], rounds: number): Promise<number> => {
      const data = { topic: `bench.${mode}`, payload: { text: 'x'.repeat(100) } };
      const messages = SOCKETS * rounds;
      const before = await usage(process);
      await sink.ask('expect', { count: messages });
      const counting = sink.ask('counted');
      await sink.ask('write', { group: mode, text: JSON.stringify({ type: 'Broadcast', data }), perWrite: 1, rounds });
      const { events: came = 0 } = await counting;
      if (came < messages) throw new Error(`${name}: ${came} of ${messages} messages came`);
      return messages / ((await usage(process)).cpuSeconds - before.cpuSeconds);
    };
    for (const variant of variants) await run(variant, 100);
    await interleave(quick ? 5 : 11, variants, async (variant) => {
      measured.add(variant.name, await run(variant, quick ? 100 : 300));
    });
  });
  say(
    table(
      ['a Broadcast through everything', 'per CPU-second of the gateway', '× off, in the same repetition'],
      measured
        .names()
        .map((name) => [name, show(measured.spread(name), 0), show(measured.ratio(name, modes[0][1]), 3)]),
    ),
  );
}
