import type { Bench } from './harness/bench.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';
import { TokenMaker } from './harness/tokens.js';
import { gatewayEnv, GATEWAY_RIG } from './servers/gateway-rig.js';

const SOCKETS = 100;
const text =
  '{"type":"Broadcast","data":{"topic":"chat.general","payload":{"user":"u-1842","text":"good evening, how is it ' +
  'going over there? all well on our side, we think, and on yours?"}},"metadata":{"v":1}}';

/** First the reading of a frame by itself, then the whole way from the socket to what the frame asks for. */
export const inbound: Bench = {
  name: 'inbound',
  async run({ quick }) {
    await withCleanUp((later) => reading(later, quick));
    say('');
    await withCleanUp((later) => receiving(later, quick));
  },
};

type Later = (end: () => Promise<unknown>) => void;

async function reading(later: Later, quick: boolean): Promise<void> {
  const { rig } = await Rig.start('the reader', 'servers/decode.js');
  later(() => rig.stop());
  const count = quick ? 100_000 : 400_000;
  const measured = new Samples();
  const ways = [
    ['parse', 'JSON.parse'],
    ['validate', 'JSON.parse and the compiled check'],
    ['decode', 'the same, and the payload’s own bytes (decode of topics)'],
  ] as const;
  for (const [way] of ways) await rig.ask('run', { way, count });
  await interleave(quick ? 3 : 9, ways, async ([way, name]) => {
    const { cpu = NaN } = await rig.ask('run', { way, count });
    measured.add(name, (count / cpu) * 1e6);
  });
  say(
    table(
      ['a Broadcast of 200 bytes', 'per CPU-second', '× JSON.parse'],
      measured.names().map((name) => [name, show(measured.spread(name)), show(measured.ratio(name, 'JSON.parse'))]),
    ),
  );
}

interface Server {
  readonly name: string;
  readonly rig: Rig;
  readonly group: string;
  received(): Promise<number>;
}

async function receiving(later: Later, quick: boolean): Promise<void> {
  const { sink, servers } = await start(later);
  const rounds = quick ? 50 : 300;
  const measured = new Samples();
  const variants = [1, 8].flatMap((perWrite) => servers.map((server) => ({ server, perWrite })));
  const run = async ({ server, perWrite }: (typeof variants)[number]): Promise<number> => {
    const messages = SOCKETS * rounds;
    const before = await server.received();
    const cpu = await server.rig.cpuSeconds();
    await sink.ask('write', { group: server.group, text, perWrite, rounds: rounds / perWrite });
    const deadline = performance.now() + 30_000;
    while ((await server.received()) - before < Math.floor(rounds / perWrite) * perWrite * SOCKETS) {
      if (performance.now() > deadline) throw new Error(`${server.name}: not all messages came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return messages / ((await server.rig.cpuSeconds()) - cpu);
  };
  for (const variant of variants) await run(variant);
  await interleave(quick ? 3 : 7, variants, async (variant) => {
    measured.add(`${variant.server.name}, ${variant.perWrite} per read`, await run(variant));
  });
  say(
    table(
      ['from the socket', 'messages per server CPU-second', '× bare ws of the same kind'],
      measured.names().map((name) => {
        const base = `bare ws 'message' and JSON.parse, ${name.slice(name.lastIndexOf(', ') + 2)}`;
        return [name, show(measured.spread(name)), show(measured.ratio(name, base))];
      }),
    ),
  );
}

async function start(later: Later): Promise<{ sink: Rig; servers: readonly Server[] }> {
  const tokens = new TokenMaker();
  const { rig: sink } = await Rig.start('the clients', 'clients/sink.js');
  later(() => sink.stop());
  const { rig: bare, said } = await Rig.start('bare ws', 'servers/bare-ws.js');
  later(() => bare.stop());
  const { rig: gateway, said: gatewaySaid } = await Rig.start('the gateway', GATEWAY_RIG, { env: gatewayEnv(tokens) });
  later(() => gateway.stop());
  await sink.ask('open', { group: 'bare', port: said['port'] ?? 0, path: '/', ready: 0, count: SOCKETS });
  await sink.ask('open', {
    group: 'gateway',
    port: gatewaySaid['port'] ?? 0,
    path: '/ws/topics',
    tokens: tokens.many(SOCKETS),
    ready: 1,
    count: SOCKETS,
  });
  return {
    sink,
    servers: [
      {
        name: "bare ws 'message' and JSON.parse",
        rig: bare,
        group: 'bare',
        received: async () => (await bare.ask('received'))['received'] ?? 0,
      },
      {
        name: 'Parley gateway, up to the call of messaging',
        rig: gateway,
        group: 'gateway',
        received: async () => (await gateway.ask('publications'))['publications'] ?? 0,
      },
    ],
  };
}
