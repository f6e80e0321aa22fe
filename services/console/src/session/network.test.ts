import { beforeEach, expect, test, vi } from 'vitest';
import { Network } from './network.js';

/** What a browser has; a test says when it opens, hears and closes. */
class FakeSocket extends EventTarget {
  static readonly made: FakeSocket[] = [];
  readonly sent: unknown[] = [];
  binaryType = 'blob';
  bufferedAmount = 0;
  closed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    super();
    FakeSocket.made.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed = true;
  }

  hear(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
  }
}

let hints: number;
let network: Network;

beforeEach(() => {
  FakeSocket.made.length = 0;
  hints = 0;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('dispatchEvent', () => (hints += 1) > 0);
  network = new Network(['http://one', 'http://two']);
});

function open(path = '/ws/topics') {
  const socket = new network.WebSocket(network.urlOf(path)().replace('http', 'ws'), ['a']);
  const heard: unknown[] = [];
  const closes: number[] = [];
  socket.addEventListener('message', ({ data }) => heard.push(data));
  socket.addEventListener('close', ({ code }) => closes.push(code));
  return { socket, heard, closes, real: FakeSocket.made.at(-1) };
}

test('a socket is what the browser would give, and its frames are logged', () => {
  const { socket, real, heard } = open();
  expect([real?.url, real?.protocols, real?.binaryType]).toEqual(['ws://one/ws/topics', ['a'], 'arraybuffer']);
  let opened = 0;
  socket.addEventListener('open', () => (opened += 1));
  real?.dispatchEvent(new Event('open'));
  socket.send('{"type":"Ping"}');
  real?.hear('{"type":"Pong"}');
  expect([opened, real?.sent, heard]).toEqual([1, ['{"type":"Ping"}'], ['{"type":"Pong"}']]);
});

test('cut: sockets end as broken ones do, once; nothing is opened or asked until it is restored', async () => {
  const { socket, real, heard, closes } = open();
  network.cut();
  expect([closes, real?.closed]).toEqual([[1006], true]);
  real?.hear('late');
  real?.end(1000);
  socket.send('into the void');
  expect([closes, heard, real?.sent]).toEqual([[1006], [], []]);

  const again = open();
  expect([again.closes, FakeSocket.made.length]).toEqual([[], 1]);
  await vi.waitFor(() => expect(again.closes).toEqual([1006]));
  await expect(network.fetch('http://one/')).rejects.toThrow('cut');
  expect(hints).toBe(0);
  network.restore();
  expect(hints).toBe(1);
  expect(open().real?.url).toBe('ws://one/ws/topics');
});

test('moved: sockets end, and the same places are on the other gateway', () => {
  const { closes } = open();
  const place = network.urlOf('/ws/chat');
  network.move('http://one');
  expect(closes).toEqual([]);
  network.move('http://two');
  expect([closes, hints, place(), network.urlOf('/ws/chat') === place]).toEqual([
    [1006],
    1,
    'http://two/ws/chat',
    true,
  ]);
});

test('a server that refuses somebody is heard; one that goes away is not taken for that', () => {
  let refused = 0;
  network.onRefused = () => void (refused += 1);
  for (const code of [1001, 1006, 1013, 1008, 4001]) open().real?.end(code);
  expect(refused).toBe(2);
});
