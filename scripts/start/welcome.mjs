// @ts-check
import { demo } from './cluster.mjs';

/** @typedef {import('./cluster.mjs').Ports} Ports */

/**
 * What a person needs to go on: addresses, a login, and two lines to copy.
 * @param {{gateways: readonly Ports[], metrics: ReadonlyMap<string, number>, apiKey: string, home: string, natsUrl: string}} cluster
 * @returns {string[]} lines
 */
export function welcome({ gateways, metrics, apiKey, home, natsUrl }) {
  const lines = [''];
  for (const [index, ports] of gateways.entries()) {
    const title = gateways.length === 1 ? 'Gateway' : `Gateway ${index + 1}`;
    lines.push(
      `${title}:  http://127.0.0.1:${ports.http}  (REST, health at /readyz)`,
      `  chat    ws://127.0.0.1:${ports.http}/ws  (or /ws/chat on any of ${ports.http}, ${ports.topics}, ${ports.watch})`,
      `  topics  ws://127.0.0.1:${ports.topics}/ws  (or /ws/topics on any of ${ports.http}, ${ports.topics}, ${ports.watch})`,
    );
  }
  lines.push(
    `Metrics:  ${[...metrics].map(([name, port]) => `${name} http://127.0.0.1:${port}/metrics`).join('  ')}`,
    `NATS:     ${natsUrl}`,
    `Data:     ${home}  (logs in logs/)`,
    `Demo:     username ${demo.username}, password ${demo.password}`,
    'Chat:     the demo account has a server, Parley, with the channels general (text) and Lounge (voice)',
    `API key:  ${apiKey}  (server API; kept in ${home}/api-key)`,
  );
  const [first] = gateways;
  if (first !== undefined)
    lines.push(
      '',
      'Log in:',
      `  ${curlLine(first)}`,
      '',
      'Subscribe, publish and see it arrive (in this folder):',
      `  ${socketLine(first)}`,
      '',
      'Post to the channel of chat and see it arrive (in this folder):',
      `  ${chatLine(first)}`,
    );
  lines.push('');
  return lines;
}

/** @param {Ports} ports */
export function curlLine({ http }) {
  return `curl -s http://127.0.0.1:${http}/auth/login -H 'content-type: application/json' -d '${JSON.stringify(demo)}'`;
}

/** Node 20 has no WebSocket of its own, so the line takes the one that is installed here. @param {Ports} ports */
export function socketLine({ http, topics }) {
  return nodeLine([
    ...logIn(http),
    `const socket = new WebSocket("ws://127.0.0.1:${topics}/ws?token=" + access_token)`,
    'const send = (type, data) => socket.send(JSON.stringify({ type, data }))',
    'socket.on("open", () => { send("Subscribe", { topics: ["chat.general"] }); send("Broadcast", { topic: "chat.general", payload: { text: "hello" } }) })',
    'socket.on("message", (text) => { console.log(String(text)); if (String(text).includes("hello")) socket.close() })',
  ]);
}

/** @param {Ports} ports */
export function chatLine({ http }) {
  return nodeLine([
    ...logIn(http),
    `const rest = async (path, body) => (await fetch("http://127.0.0.1:${http}" + path, { method: body ? "POST" : "GET", headers: { authorization: "Bearer " + access_token, "content-type": "application/json" }, body: JSON.stringify(body) })).json()`,
    'const [server] = await rest("/servers")',
    'const [channel] = await rest("/servers/" + server.id + "/channels")',
    `const socket = new WebSocket("ws://127.0.0.1:${http}/ws/chat?token=" + access_token)`,
    'socket.on("message", (text) => { console.log(String(text)); if (String(text).includes("READY")) rest("/channels/" + channel.id + "/messages", { content: "hello" }); if (String(text).includes("MESSAGE_CREATE")) socket.close() })',
  ]);
}

/** @param {number} http */
function logIn(http) {
  return [
    'import WebSocket from "ws"',
    `const login = await fetch("http://127.0.0.1:${http}/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(${quoted(demo)}) })`,
    'const { access_token } = await login.json()',
  ];
}

/** @param {readonly string[]} program */
function nodeLine(program) {
  return `node --input-type=module -e '${program.join('; ')}'`;
}

/** @param {object} value */
function quoted(value) {
  return JSON.stringify(value).replaceAll('":"', '": "').replaceAll('","', '", "');
}
