import { connectBus, type Bus } from '@parley/bus';
import { compile, defineEvent, newMessageId, Topic, topicMessage } from '@parley/contracts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { answerCommands, numberOf, stringOf, stringsOf, type Fields } from '../harness/rig-child.js';
import { maskedText } from './frames.js';
import { Pace } from './pace.js';
import { RawSocket } from './raw-socket.js';

/**
 * Publishers and subscribers in one process, so that one clock times both ends. Every message carries the time of its
 * sending in µs, as sixteen digits behind `"t":`.
 */
const MARK = Buffer.from('"t":');
const DIGITS = 16;
const PAD = 'x'.repeat(100);

const publishers: RawSocket[] = [];
let topics: readonly string[] = [];
let samples: number[] = [];
let sent = 0;

function now(): string {
  return String(process.hrtime.bigint() / 1_000n).padStart(DIGITS, '1');
}

/** Every message in the chunk; one cut in two by a chunk's end is left out. */
function heard(chunk: Buffer): void {
  const at = Number(now());
  for (let found = chunk.indexOf(MARK); found >= 0; found = chunk.indexOf(MARK, found + 20)) {
    const stamp = Number(chunk.toString('latin1', found + 4, found + 4 + DIGITS));
    if (stamp > 0 && at >= stamp) samples.push(at - stamp);
  }
}

function payload(): string {
  return `{"t":${now()},"pad":"${PAD}"}`;
}

/** The same subject as a stored message of the topic, without the stream: what live events cost. */
const liveTopic = defineEvent('topic', { channel: 'live', payload: topicMessage.payload });
const topicCheck = compile(Topic);
let bus: Bus | undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

type Send = (index: number) => void;

const ways: Readonly<Record<string, (fields: Fields) => Promise<Send>>> = {
  durable: () => {
    const heads = topics.map((topic) => `{"type":"Broadcast","data":{"topic":"${topic}","payload":`);
    return Promise.resolve((index) => {
      const lane = index % publishers.length;
      publishers[lane]?.socket.write(maskedText(`${heads[lane % heads.length] ?? ''}${payload()}}}`));
    });
  },
  live: async (fields) => {
    bus ??= await connectBus({ servers: stringOf(fields, 'nats'), name: 'bench-live', logger: silent });
    const from = bus;
    const known = topics.flatMap((topic) => (topicCheck.is(topic) ? [topic] : []));
    return (index) => {
      const topic = known[index % known.length];
      if (topic === undefined) return;
      const message = { messageId: newMessageId(), topic, from: null, sentAt: Date.now(), format: 'json' as const };
      from.emit(liveTopic, topic, message, Buffer.from(payload()));
    };
  },
  'bare NATS': async (fields) => {
    const [publisher, subscriber] = await pair(fields);
    subscriber.subscribe('bench.bare', { callback: (_error, message) => heard(Buffer.from(message.data)) });
    await subscriber.flush();
    return () => publisher.publish('bench.bare', payload());
  },
  'bare JetStream': async (fields) => {
    const [publisher, subscriber] = await pair(fields);
    const manager = await jetstreamManager(publisher);
    const republish = { src: 'bench.in.>', dest: 'bench.out.>' };
    await manager.streams.add({ name: 'BENCH', subjects: ['bench.in.>'], max_msgs: 10_000, republish });
    subscriber.subscribe('bench.out.>', { callback: (_error, message) => heard(Buffer.from(message.data)) });
    await subscriber.flush();
    const js = jetstream(publisher);
    return (index) => void js.publish(`bench.in.${index % 16}`, payload()).catch(ignore);
  },
};

const prepared = new Map<string, Send>();

answerCommands({
  publishers: async (fields) => {
    topics = stringsOf(fields, 'topics');
    const tokens = stringsOf(fields, 'tokens');
    for (const token of tokens) publishers.push(await open(fields, token, []));
    return {};
  },
  subscribers: async (fields) => {
    for (const [index, token] of stringsOf(fields, 'tokens').entries()) {
      const text = JSON.stringify({ type: 'Subscribe', data: { topics: [topics[index] ?? ''] } });
      (await open(fields, token, [maskedText(text)])).listener = heard;
    }
    return {};
  },
  /** `rate` messages a second for `seconds`; µs from sending to arrival. */
  run: async (fields) => {
    const way = stringOf(fields, 'way');
    const send = prepared.get(way) ?? (await ways[way]?.(fields));
    if (send === undefined) throw new Error(`no way ${way}`);
    prepared.set(way, send);
    samples = [];
    sent = 0;
    const pace = new Pace(numberOf(fields, 'rate'), () => {
      send(sent);
      sent += 1;
    });
    await pace.run(numberOf(fields, 'seconds') * 1_000);
    for (let wait = 0; wait < 100 && samples.length < sent; wait++) await new Promise((done) => setTimeout(done, 20));
    const sorted = Float64Array.from(samples).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { sent, heard: samples.length, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
  },
});

function open(fields: Fields, token: string, first: readonly Buffer[]): Promise<RawSocket> {
  const target = { port: numberOf(fields, 'port'), path: '/ws/topics', token, first, ready: 1 + first.length };
  return RawSocket.open(target, ignore);
}

async function pair(fields: Fields) {
  const servers = stringOf(fields, 'nats');
  const options = { servers, reconnect: false, noAsyncTraces: true };
  return [await connect(options), await connect(options)] as const;
}

function ignore(): void {
  // Nobody is told.
}
