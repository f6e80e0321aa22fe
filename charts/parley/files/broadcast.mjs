// What `helm test` runs: logs in, then sends a broadcast in at one gateway and waits for it at another.
import { lookup } from 'node:dns/promises';
import { WebSocket } from 'ws';

const { TEST_URL: url, TEST_PODS: pods, TEST_PASSWORD: password, TEST_TIMEOUT_SECONDS: seconds = '60' } = process.env;
const ports = (process.env.TEST_TOPICS_PORTS ?? '8081').split(',');
const username = 'helm_test';
const deadline = setTimeout(() => fail(`not done within ${seconds} s`), Number(seconds) * 1_000);

function fail(why) {
  console.error(`failed: ${why}`);
  process.exit(1);
}

async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** The same account every time, so that tests do not fill the database. */
async function logIn() {
  let grant = await post('/auth/login', { username, password });
  if (grant.status === 401) {
    const made = await post('/auth/register', { username, password });
    if (made.status !== 201) fail(`registering answered ${made.status} ${JSON.stringify(made.body)}`);
    grant = await post('/auth/login', { username, password });
  }
  if (grant.status !== 200) fail(`the login answered ${grant.status} ${JSON.stringify(grant.body)}`);
  return grant.body.access_token;
}

/** A socket that has subscribed the topic. */
function subscribe(host, port, token, topic, received) {
  const socket = new WebSocket(`ws://${host.includes(':') ? `[${host}]` : host}:${port}/ws`, [`access_token.${token}`]);
  return new Promise((resolve) => {
    socket.on('error', (error) => fail(`${host}: ${error.message}`));
    socket.on('close', (code) => fail(`${host} closed the connection with ${code}`));
    socket.on('message', (text) => {
      const { type, data } = JSON.parse(String(text));
      if (type === 'Error') fail(`${host}: ${JSON.stringify(data)}`);
      if (type === 'Status' && data.status === 'connected') {
        socket.send(JSON.stringify({ type: 'Subscribe', data: { topics: [topic] } }));
      } else if (type === 'Status' && data.status === 'subscribed') resolve(socket);
      else if (type === 'Broadcast') received(data);
    });
  });
}

const token = await logIn();
const hosts = (await lookup(pods, { all: true, order: 'ipv4first' })).map(({ address }) => address);
const [first, last] = [hosts[0], hosts.at(-1)];
const topic = 'helm-test.broadcast';
const text = `hello at ${new Date().toISOString()}`;
let arrived;
const arrival = new Promise((resolve) => (arrived = resolve));
await subscribe(last, ports.at(-1), token, topic, ({ payload }) => payload.text === text && arrived());
const sender = await subscribe(first, ports[0], token, topic, () => {});
const sentAt = performance.now();
sender.send(JSON.stringify({ type: 'Broadcast', data: { topic, payload: { text } } }));
await arrival;
clearTimeout(deadline);
console.log(`logged in; a broadcast went from ${first}:${ports[0]} to ${last}:${ports.at(-1)} in ${(performance.now() - sentAt).toFixed(1)} ms`);
process.exit(0);
