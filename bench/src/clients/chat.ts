import { Agent, request } from 'node:http';
import { answerCommands, numberOf, stringOf, stringsOf, type Fields } from '../harness/rig-child.js';
import { Pace } from './pace.js';
import { RawSocket } from './raw-socket.js';

/**
 * A channel's members and those who post to it, in one process, so that one clock times both ends. Every message carries
 * its number and the time of its POST in µs: `bench-<8 digits>-<16 digits>`.
 */
const MARK = Buffer.from('bench-');
const NUMBER = 8;
const LENGTH = MARK.length + NUMBER + 1 + 16;
const PAD = 'x'.repeat(60);
const WAIT_MS = 20_000;

let members = 0;
let samples: number[] = [];
/** How many members each message has reached. */
let reached: number[] = [];
let waiting = new Map<number, () => void>();
let lastFrameAt = 0;

function now(): string {
  return String(process.hrtime.bigint() / 1_000n).padStart(16, '0');
}

/** Every message in what came, also one that was cut in two by a chunk's end. */
function listener(): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    lastFrameAt = performance.now();
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const at = Number(now());
    let from = 0;
    for (
      let found = data.indexOf(MARK);
      found >= 0 && found + LENGTH <= data.length;
      found = data.indexOf(MARK, from)
    ) {
      from = found + LENGTH;
      const number = Number(data.toString('latin1', found + MARK.length, found + MARK.length + NUMBER));
      heard(number, at - Number(data.toString('latin1', from - 16, from)));
    }
    // Copied, or a few bytes would keep all of the chunk.
    rest = Buffer.from(data.subarray(Math.max(from, data.length - LENGTH + 1)));
  };
}

function heard(number: number, micros: number): void {
  samples.push(micros);
  const count = (reached[number] ?? 0) + 1;
  reached[number] = count;
  if (count === members) waiting.get(number)?.();
}

async function join(fields: Fields): Promise<Record<string, number>> {
  const tokens = stringsOf(fields, 'tokens');
  const target = { port: numberOf(fields, 'port'), path: '/ws/chat', ready: 1 };
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) {
      (await RawSocket.open({ ...target, token }, () => undefined)).listener = listener();
    }
  };
  await Promise.all(Array.from({ length: 16 }, opener));
  members += tokens.length;
  return { members };
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

function post(fields: Fields, token: string, number: number): Promise<void> {
  const content = `bench-${String(number).padStart(NUMBER, '0')}-${now()} ${PAD}`;
  const body = JSON.stringify({ content });
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Authorization: `Bearer ${token}`,
  };
  const path = `/channels/${stringOf(fields, 'channelId')}/messages`;
  return new Promise((resolve, reject) => {
    const asked = request({ agent, port: numberOf(fields, 'port'), host: '127.0.0.1', method: 'POST', path, headers });
    asked.on('error', reject);
    asked.on('response', (response) => {
      response.resume();
      if (response.statusCode === 201) response.on('end', resolve);
      else reject(new Error(`a POST was answered ${String(response.statusCode)}`));
    });
    asked.end(body);
  });
}

/** Answered, and with everyone. */
async function posted(fields: Fields, token: string, number: number): Promise<void> {
  const arrived = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`message ${number} reached ${reached[number] ?? 0} of ${members} members`));
    }, WAIT_MS);
    waiting.set(number, () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await Promise.all([post(fields, token, number), arrived]);
  waiting.delete(number);
}

answerCommands({
  join,
  /** Until nothing has come for a while: everyone hears of everyone who comes online. */
  quiet: async () => {
    while (performance.now() - lastFrameAt < 1_000) await new Promise((resolve) => setTimeout(resolve, 100));
    return {};
  },
  /** `posters` at once, each with its next message as soon as the last is with everyone; or `rate` messages a second. */
  run: async (fields) => {
    const tokens = stringsOf(fields, 'tokens');
    const ms = numberOf(fields, 'seconds') * 1_000;
    samples = [];
    reached = [];
    waiting = new Map();
    let sent = 0;
    const next = (): Promise<void> => {
      const number = sent++;
      return posted(fields, tokens[number % tokens.length] ?? '', number);
    };
    const startedAt = performance.now();
    const rate = numberOf(fields, 'rate');
    if (rate > 0) {
      const all: Promise<void>[] = [];
      await new Pace(rate, () => all.push(next())).run(ms);
      await Promise.all(all);
    } else {
      const poster = async (): Promise<void> => {
        while (performance.now() - startedAt < ms) await next();
      };
      await Promise.all(Array.from({ length: numberOf(fields, 'posters') }, poster));
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const sorted = Float64Array.from(samples).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { sent, heard: sorted.length, perSecond: sent / seconds, p50: at(0.5), p99: at(0.99) };
  },
});
