import { interleave, withCleanUp } from '../harness/interleave.js';
import { Rig } from '../harness/rig.js';
import { Samples, show } from '../harness/stats.js';
import { say, table } from '../harness/table.js';
import { TokenMaker } from '../harness/tokens.js';
import { modes, startCollector } from './modes.js';
import { PAYLOAD, TOPIC } from '../servers/event-text.js';
import { gatewayEnv, GATEWAY_RIG } from '../servers/gateway-rig.js';

const SOCKETS = 200;
const WINDOW = 8;
const text = JSON.stringify({ type: 'Broadcast', data: { topic: 'chat.general', payload: { text: 'x'.repeat(100) } } });

interface Server {
  readonly name: string;
  readonly group: string;
  readonly rig: Rig;
}

/** The gateway's own part: frames up to the call of messaging, and events out to many. */
export async function alone(quick: boolean): Promise<void> {
  const measured = new Samples();
  await withCleanUp(async (later) => {
    const { sink, servers } = await start(later);
    const kinds = [
      { name: 'frames in, one per read', run: (server: Server) => receive(server, sink, 1, quick ? 100 : 300) },
      { name: 'frames in, 8 per read', run: (server: Server) => receive(server, sink, 8, quick ? 160 : 480) },
      { name: 'one event per tick out', run: (server: Server) => deliver(server, sink, 1, quick ? 12 : 40) },
      { name: '16 events per tick out', run: (server: Server) => deliver(server, sink, 16, quick ? 6 : 20) },
    ];
    for (const kind of kinds) for (const server of servers) await kind.run(server);
    for (const kind of kinds) {
      await interleave(quick ? 5 : 11, servers, async (server) => {
        measured.add(`${kind.name}: ${server.name}`, await kind.run(server));
      });
    }
  });
  say(
    table(
      ['the gateway, without NATS', 'per CPU-second', '× off, in the same repetition'],
      measured.names().map((name) => {
        const off = `${name.slice(0, name.indexOf(':'))}: ${modes[0][1]}`;
        return [name, show(measured.spread(name), 0), show(measured.ratio(name, off), 3)];
      }),
    ),
  );
}

async function start(later: (end: () => Promise<unknown>) => void) {
  const tokens = new TokenMaker();
  const { rig: sink } = await Rig.start('the clients', 'clients/sink.js');
  later(() => sink.stop());
  const collectorUrl = await startCollector(later);
  const servers: Server[] = [];
  for (const [mode, name] of modes) {
    const { rig, said } = await Rig.start(`the gateway (${name})`, GATEWAY_RIG, {
      env: {
        ...gatewayEnv(tokens),
        RIG_TOPIC: TOPIC,
        RIG_PAYLOAD: PAYLOAD,
        RIG_TELEMETRY: mode,
        OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
      },
    });
    later(() => rig.stop());
    const subscribe = JSON.stringify({ type: 'Subscribe', data: { topics: [TOPIC] } });
    await sink.ask('open', {
      group: mode,
      port: said['port'] ?? 0,
      path: '/ws/topics',
      tokens: tokens.many(SOCKETS),
      first: [subscribe],
      ready: 2,
      count: SOCKETS,
    });
    servers.push({ name, group: mode, rig });
  }
  return { sink, servers };
}

/** Messages per CPU-second, up to the call of messaging. */
async function receive({ rig, group, name }: Server, sink: Rig, perWrite: number, rounds: number): Promise<number> {
  const published = async (): Promise<number> => (await rig.ask('publications'))['publications'] ?? 0;
  const messages = SOCKETS * rounds;
  const before = await published();
  const cpu = await rig.cpuSeconds();
  await sink.ask('write', { group, text, perWrite, rounds: rounds / perWrite });
  const deadline = performance.now() + 60_000;
  while ((await published()) - before < messages) {
    if (performance.now() > deadline) throw new Error(`${name}: not all messages came`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return messages / ((await rig.cpuSeconds()) - cpu);
}

/** Deliveries per CPU-second; every frame is counted at its receiver. */
async function deliver({ rig, name }: Server, sink: Rig, events: number, windows: number): Promise<number> {
  const perWindow = SOCKETS * WINDOW * events;
  const cpu = await rig.cpuSeconds();
  for (let window = 0; window < windows; window++) {
    await sink.ask('expect', { count: perWindow });
    const counting = sink.ask('counted');
    await rig.ask('fanout', { ticks: WINDOW, events });
    const { events: came } = await counting;
    if (came !== perWindow) throw new Error(`${name}: ${came ?? 0} of ${perWindow} events came`);
  }
  return (perWindow * windows) / ((await rig.cpuSeconds()) - cpu);
}
