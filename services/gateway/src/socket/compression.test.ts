import { none, send, textFrame, type Dialect, type Frame, type Session } from '@parley/dialects';
import { seededRandom, waitFor, within } from '@parley/testing';
import { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { DEFLATED } from '../outbound/outgoing.js';
import { deaf, nullDialect } from '../testing/null-dialect.js';
import { socketPair, type PairOptions } from '../testing/socket-pair.js';
import { deflateOptions } from './dialect-ws.adapter.js';

const compression = { threshold: 1_024, level: 1, memLevel: 8, concurrency: 10 };
const dialect: Dialect = { ...nullDialect, compression };
const text = '{"operation":[]}'.repeat(2_000);

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Both ends agree to compress; `received` is what the session gets. */
async function connect(options: PairOptions = {}) {
  const received: Frame[] = [];
  const session: Session = {
    ...deaf,
    received: (frame) => {
      received.push(frame);
      return none;
    },
  };
  const pair = await socketPair({ dialect, session, perMessageDeflate: deflateOptions(compression), ...options });
  cleanups.push(() => {
    pair.close();
  });
  return { ...pair, received };
}

function message(client: { once(name: 'message', heard: (data: Buffer) => void): unknown }): Promise<string> {
  return new Promise((resolve) => client.once('message', (data) => resolve(data.toString())));
}

test('is agreed to without context on either side', async () => {
  const { client, connection } = await connect();
  expect(client.extensions).toBe('permessage-deflate');
  expect(connection.form).toBe(DEFLATED);
});

test('what is sent comes out as it was, in order with what is too small to be compressed', async () => {
  const { client, connection } = await connect();
  const texts: string[] = [];
  client.on('message', (data: Buffer) => texts.push(data.toString()));
  for (const one of [text, 'small', text, text]) connection.send(send(textFrame(one)));
  await waitFor(() => texts.length === 4, 'the messages');
  expect(texts).toEqual([text, 'small', text, text]);
});

test('who did not ask for it gets plain frames', async () => {
  const { client, connection } = await connect({ perMessageDeflate: false });
  const heard = message(client);
  connection.send(send(textFrame(text)));
  expect(connection.form).toBe(0);
  expect(await within(5_000, 'the message', heard)).toBe(text);
});

test('what comes in compressed is opened', async () => {
  const { client, received } = await connect();
  client.send(text);
  client.send('small');
  await waitFor(() => received.length === 2, 'the messages');
  expect(received.map(({ data }) => data.toString())).toEqual([text, 'small']);
});

test('a small frame that would grow beyond the limit is refused with 1009', async () => {
  const { client, received } = await connect();
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.send('0'.repeat(20_000_000));
  expect(await within(5_000, 'the end', closed)).toBe(1009);
  expect(received).toEqual([]);
});

test('a compressed frame that is none ends the connection and nothing else', async () => {
  const { client, connection, received } = await connect();
  const other = await connect();
  const closed = new Promise((resolve) => client.once('close', resolve));
  const socket: unknown = Reflect.get(client, '_socket');
  if (!(socket instanceof Socket)) throw new Error('no socket');
  const noise = seededRandom(3).bytes(100);
  socket.write(Buffer.from([0xc1, 0x80 | noise.length, 0, 0, 0, 0, ...noise]));
  await within(5_000, 'the end', closed);
  expect(connection.open).toBe(false);
  expect(received).toEqual([]);
  expect(other.connection.open).toBe(true);
});
