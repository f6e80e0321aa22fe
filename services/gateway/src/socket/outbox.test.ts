import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { waitFor } from '@parley/testing';
import { Outbox } from './outbox.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A real pair of sockets, whose reader reads only when told to. */
async function pair(): Promise<{ writer: Socket; reader: Socket; received: () => string }> {
  let writer: Socket | undefined;
  const server = createServer((socket) => (writer = socket));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const reader = connect(address.port, '127.0.0.1');
  reader.pause();
  const chunks: Buffer[] = [];
  reader.on('data', (chunk) => chunks.push(chunk));
  reader.pause();
  const accepted = await waitFor(() => writer, 'the connection');
  return { writer: accepted, reader, received: () => Buffer.concat(chunks).toString() };
}

const limits = { softBytes: 100_000, hardBytes: 1_000_000 };
const bulk = Buffer.alloc(50_000, '.');

/** Fills kernel and queue until that many bytes wait here. */
function fill(outbox: Outbox, bytes: number): void {
  while (outbox.unsentBytes <= bytes) outbox.write(bulk, { class: 'must' });
}

test('what must arrive is queued up to the hard limit and then refused', async () => {
  const { writer } = await pair();
  const outbox = new Outbox(writer, limits);
  fill(outbox, limits.hardBytes - 2 * bulk.length);
  const verdicts = Array.from({ length: 4 }, () => outbox.write(bulk, { class: 'must' }));
  expect(verdicts.at(-1)).toBe('slow');
  expect(outbox.unsentBytes).toBeLessThanOrEqual(limits.hardBytes);
  writer.destroy();
});

test('one long write is taken from who reads, and leaves room for others behind it until it is gone', async () => {
  const { writer, reader } = await pair();
  const outbox = new Outbox(writer, limits);
  const long = Buffer.alloc(8 * limits.hardBytes, '.');
  expect(outbox.write(long, { class: 'must' })).toBe('written');
  expect(outbox.unsentBytes).toBeGreaterThan(limits.hardBytes);
  expect(outbox.write(bulk, { class: 'must' })).toBe('written');
  expect(outbox.write(Buffer.from('<a>'), { class: 'newest', key: 'a' })).toBe('parked');
  expect(outbox.write(long, { class: 'must' })).toBe('slow');
  const drained = new Promise((resolve) => writer.once('drain', resolve));
  reader.resume();
  await drained;
  reader.pause();
  fill(outbox, limits.hardBytes - 2 * bulk.length);
  const verdicts = Array.from({ length: 4 }, () => outbox.write(bulk, { class: 'must' }));
  expect(verdicts.at(-1)).toBe('slow');
  writer.destroy();
});

test('beyond the soft limit the newest of each key waits, and droppable ones are gone', async () => {
  const { writer, reader, received } = await pair();
  const outbox = new Outbox(writer, limits);
  fill(outbox, limits.softBytes);
  expect(outbox.write(Buffer.from('<a1>'), { class: 'newest', key: 'a' })).toBe('parked');
  expect(outbox.write(Buffer.from('<b1>'), { class: 'newest', key: 'b' })).toBe('parked');
  expect(outbox.write(Buffer.from('<a2>'), { class: 'newest', key: 'a' })).toBe('parked');
  expect(outbox.write(Buffer.from('<gone>'), { class: 'droppable' })).toBe('dropped');
  expect(outbox.write(Buffer.from('<must>'), { class: 'must' })).toBe('written');
  expect(outbox.parkedMessages).toBe(2);
  reader.resume();
  await waitFor(() => received().includes('<a2>') && received().includes('<b1>'), 'what was parked');
  expect(received().replaceAll('.', '')).toBe('<must><a2><b1>');
  expect(outbox.parkedMessages).toBe(0);
  writer.destroy();
});

test('one that reads keeps up: everything is written at once, in order', async () => {
  const { writer, reader, received } = await pair();
  reader.resume();
  const outbox = new Outbox(writer, limits);
  outbox.cork();
  for (const text of ['1', '2', '3']) outbox.write(Buffer.from(text), { class: 'newest', key: 'k' });
  await waitFor(() => received() === '123', 'all three');
  writer.destroy();
});

test('parked messages count: ever more keys end the connection instead of filling memory', async () => {
  const { writer, reader } = await pair();
  const outbox = new Outbox(writer, limits);
  fill(outbox, limits.softBytes);
  let verdict = outbox.write(bulk, { class: 'newest', key: 'same' });
  for (let i = 0; i < 100; i++) verdict = outbox.write(bulk, { class: 'newest', key: 'same' });
  expect(verdict).toBe('parked');
  for (let i = 0; verdict === 'parked' && i < 1_000; i++) {
    verdict = outbox.write(bulk, { class: 'newest', key: String(i) });
  }
  expect(verdict).toBe('slow');
  expect(outbox.unsentBytes).toBeLessThanOrEqual(limits.hardBytes);
  reader.resume();
  await waitFor(() => outbox.unsentBytes === 0, 'all of it to be written');
  writer.destroy();
});

test('nothing that is parked follows the close', async () => {
  const { writer, reader, received } = await pair();
  const outbox = new Outbox(writer, limits);
  fill(outbox, limits.softBytes);
  expect(outbox.write(Buffer.from('<late>'), { class: 'newest', key: 'a' })).toBe('parked');
  outbox.close();
  writer.end('<close>');
  reader.resume();
  await waitFor(() => received().includes('<close>'), 'the close');
  expect(received()).not.toContain('<late>');
});

test('says when the reader has taken everything, and when it has not', async () => {
  const { writer, reader } = await pair();
  const outbox = new Outbox(writer, limits);
  expect(await outbox.flushed(1_000)).toBe(true);
  fill(outbox, limits.softBytes);
  expect(await outbox.flushed(20)).toBe(false);
  const flushed = outbox.flushed(10_000);
  reader.resume();
  expect(await flushed).toBe(true);
  reader.pause();
  fill(outbox, limits.softBytes);
  const gone = outbox.flushed(10_000);
  writer.destroy();
  expect(await gone).toBe(false);
  expect(await outbox.flushed(10_000)).toBe(false);
});
