import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from '@parley/testing';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { Admission } from './admission.js';
import { UpgradeRouter } from './upgrade-router.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(router: UpgradeRouter): Promise<{ port: number; open: () => Promise<number> }> {
  const server = createServer();
  servers.push(server);
  router.listenOn(server, 8080);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const open = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  return { port: address.port, open };
}

function upgrade(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
}

test('a refused upgrade is over for the server, even when the client keeps its side open', async () => {
  const admission = new Admission({ connections: 1, connectionsPerAddress: 1, handshakesPerSecond: 1 });
  const { port, open } = await listen(new UpgradeRouter(admission, 0));
  const clients = Array.from({ length: 20 }, () => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  for (const client of clients) {
    let answer = '';
    client.on('data', (chunk) => (answer += chunk.toString()));
    client.write(upgrade('/no/such/path'));
    await once(client, 'end');
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  }
  await waitFor(async () => (await open()) === 0, 'the server to be rid of them');
  for (const client of clients) client.destroy();
});

test('an upgrade that the library refuses gives its seat back', async () => {
  const admission = new Admission({ connections: 1, connectionsPerAddress: 1, handshakesPerSecond: 100 });
  const router = new UpgradeRouter(admission, 0);
  router.register('topics/ws/topics', new WebSocketServer({ noServer: true }));
  const { port, open } = await listen(router);
  for (let i = 0; i < 3; i++) {
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.resume();
    // No key.
    client.write(upgrade('/ws/topics'));
    await once(client, 'end');
    await waitFor(async () => (await open()) === 0 && admission.connections === 0, 'the seat to be free');
    client.destroy();
  }
});

test('an IPv6 network is one address, however many its owner claims', async () => {
  const admission = new Admission({ connections: 10, connectionsPerAddress: 1, handshakesPerSecond: 100 });
  const router = new UpgradeRouter(admission, 1);
  router.register('topics/ws/topics', new WebSocketServer({ noServer: true }));
  const { port } = await listen(router);
  const answers: string[] = [];
  const sockets = [];
  for (const from of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:3::1', '192.0.2.1']) {
    const client = connect(port, '127.0.0.1');
    sockets.push(client);
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    client.write(upgrade('/ws/topics').replace('\r\n\r\n', `\r\nX-Forwarded-For: ${from}\r\n${key}\r\n`));
    const answer = await new Promise<Buffer>((resolve) => client.once('data', resolve));
    answers.push(answer.toString().slice(9, 12));
  }
  expect(answers).toEqual(['101', '429', '101', '101']);
  for (const socket of sockets) socket.destroy();
  await waitFor(() => admission.connections === 0, 'the seats to be free');
});
