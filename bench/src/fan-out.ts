import { withCleanUp, interleave } from './harness/interleave.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';
import { TokenMaker } from './harness/tokens.js';
import type { Bench } from './harness/bench.js';
import { PAYLOAD, TOPIC } from './servers/event-text.js';
import { gatewayEnv, GATEWAY_RIG } from './servers/gateway-rig.js';

const SOCKETS = 1_000;
/** Ticks between two looks at the clients, so that kernel buffers never fill. */
const WINDOW = 8;

interface Variant {
  readonly name: string;
  readonly server: Rig;
  readonly way?: string;
  readonly events: number;
}

export const fanOut: Bench = {
  name: 'fan-out',
  async run({ quick }) {
    const repetitions = quick ? 3 : 7;
    const windows = quick ? 6 : 20;
    const samples = await withCleanUp(async (later) => {
      const { sink, servers } = await start(later);
      const variants = [1, 16].flatMap((events): Variant[] => [
        { name: `ws.send(string), ${events} per tick`, server: servers.bare, way: 'string', events },
        { name: `one prepared buffer (limit), ${events} per tick`, server: servers.bare, way: 'prepared', events },
        { name: `Socket.IO room emit, ${events} per tick`, server: servers.socketIo, events },
        { name: `Parley gateway, ${events} per tick`, server: servers.gateway, events },
      ]);
      const measured = new Samples();
      for (const variant of variants) await deliver(variant, sink, 2);
      await interleave(repetitions, variants, async (variant) => {
        measured.add(variant.name, await deliver(variant, sink, windows));
      });
      return measured;
    });
    const baseline = 'ws.send(string), 1 per tick';
    say(
      table(
        ['one event to 1,000 sockets', 'deliveries per server CPU-second', '× ws.send(string), 1 per tick'],
        samples.names().map((name) => [name, show(samples.spread(name), 0), show(samples.ratio(name, baseline))]),
      ),
    );
  },
};

async function start(later: (end: () => Promise<unknown>) => void) {
  const tokens = new TokenMaker();
  const sink = await started(later, 'the clients', 'clients/sink.js');
  const bare = await started(later, 'bare ws', 'servers/bare-ws.js');
  const socketIo = await started(later, 'Socket.IO', 'servers/socket-io.js');
  const env = { ...gatewayEnv(tokens), RIG_TOPIC: TOPIC, RIG_PAYLOAD: PAYLOAD };
  const gateway = await started(later, 'the gateway', GATEWAY_RIG, env);
  const open = (server: { port: number }, fields: Record<string, unknown>) =>
    sink.rig.ask('open', { port: server.port, count: SOCKETS, ...fields });
  await open(bare, { group: 'bare', path: '/', ready: 0 });
  await open(socketIo, { group: 'socket.io', path: '/socket.io/?EIO=4&transport=websocket', first: ['40'], ready: 2 });
  const subscribe = JSON.stringify({ type: 'Subscribe', data: { topics: [TOPIC] } });
  await open(gateway, {
    group: 'gateway',
    path: '/ws/topics',
    tokens: tokens.many(SOCKETS),
    first: [subscribe],
    ready: 2,
  });
  return { sink: sink.rig, servers: { bare: bare.rig, socketIo: socketIo.rig, gateway: gateway.rig } };
}

async function started(
  later: (end: () => Promise<unknown>) => void,
  name: string,
  path: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ rig: Rig; port: number }> {
  const { rig, said } = await Rig.start(name, path, { env });
  later(() => rig.stop());
  return { rig, port: said['port'] ?? 0 };
}

/** Deliveries per CPU-second of the server; every frame is counted at its receiver. */
async function deliver(variant: Variant, sink: Rig, windows: number): Promise<number> {
  const { server, way, events } = variant;
  const perWindow = SOCKETS * WINDOW * events;
  const before = await server.cpuSeconds();
  for (let window = 0; window < windows; window++) {
    await sink.ask('expect', { count: perWindow });
    const counting = sink.ask('counted');
    await server.ask('fanout', { way, ticks: WINDOW, events });
    const { events: came } = await counting;
    if (came !== perWindow) throw new Error(`${variant.name}: ${came ?? 0} of ${perWindow} events came`);
  }
  return (perWindow * windows) / ((await server.cpuSeconds()) - before);
}
