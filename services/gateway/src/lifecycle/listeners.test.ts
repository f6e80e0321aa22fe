import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Admission } from '../socket/admission.js';
import { UpgradeRouter } from '../socket/upgrade-router.js';
import { Listeners } from './listeners.js';

const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  opened.push(socket);
  await once(socket, 'connect');
  return socket;
}

test('a port takes so many sockets and closes the next before it has said a word', async () => {
  const admission = new Admission({ connections: 10, connectionsPerAddress: 10, handshakesPerSecond: 10 });
  const answer = (_request: IncomingMessage, response: ServerResponse) => response.end('here');
  const listeners = new Listeners(answer, new UpgradeRouter(admission, 0), { sockets: 2 });
  const [port = 0] = await listeners.listen([0, 0, 0], '127.0.0.1');
  const first = await open(port);
  await open(port);
  const third = await open(port);
  await once(third, 'close');

  first.write('GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
  expect(String(await once(first, 'data'))).toContain('200 OK');
  await listeners.close();
});
