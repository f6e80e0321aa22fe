// @ts-check
import { consoleUrl, demo } from './cluster.mjs';

/** @typedef {import('./cluster.mjs').Ports} Ports */

/**
 * What a person needs to go on: addresses, a login, and two lines to copy.
 * @param {{gateways: readonly Ports[], metrics: ReadonlyMap<string, number>, apiKey: string, home: string, natsUrl: string}} cluster
 * @returns {string[]} lines
 */
export function welcome({ gateways, metrics, apiKey, home, natsUrl }) {
  const [first] = gateways;
  const lines = [''];
  if (first !== undefined)
    lines.push(`Console:  ${consoleUrl(first)}  (in a browser; a second window is a second person)`, '');
  for (const [index, ports] of gateways.entries()) {
    const title = gateways.length === 1 ? 'Gateway' : `Gateway ${index + 1}`;
    lines.push(
      `${title}:  http://127.0.0.1:${ports.http}  (REST, health at /readyz)`,
      `  chat    ws://127.0.0.1:${ports.http}/ws  (or /ws/chat on any of ${ports.http}, ${ports.topics}, ${ports.watch})`,
      `  topics  ws://127.0.0.1:${ports.topics}/ws  (or /ws/topics on any of ${ports.http}, ${ports.topics}, ${ports.watch})`,
      `  collab  ws://127.0.0.1:${ports.http}/ws/collab  (on any of the three)`,
      `  watch   ws://127.0.0.1:${ports.watch}/ws/device and /ws/viewer  (on any of the three)`,
      `  party   ws://127.0.0.1:${ports.http}/ws/party  (on any of the three)`,
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
      '',
      'Watch a device, which is told of it (in this folder):',
      `  ${watchLine(first)}`,
      '',
      'Make a party, join it as its host and close it (in this folder):',
      `  ${partyLine(first)}`,
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

/** Device and viewer in one; the second time the device is registered already. @param {Ports} ports */
export function watchLine({ http, watch }) {
  return nodeLine([
    ...logIn(http),
    `await fetch("http://127.0.0.1:${http}/devices", { method: "POST", headers: { authorization: "Bearer " + access_token, "content-type": "application/json" }, body: JSON.stringify({ device_id: "demo-camera", device_name: "Camera", auth: "none" }) })`,
    `const open = (role, hello, told) => { const socket = new WebSocket("ws://127.0.0.1:${watch}/ws/" + role); const send = (type, payload) => socket.send(JSON.stringify({ type, ts: new Date().toISOString(), payload })); socket.on("open", () => send("hello", hello)); socket.on("message", (text) => { console.log(role + " " + text); const { type, payload } = JSON.parse(text); told[type]?.(send, payload) }); return socket }`,
    'const device = open("device", { device_id: "demo-camera" }, { hello_ack: () => { viewer = open("viewer", { token: access_token }, { hello_ack: (send) => send("watch_request", { device_id: "demo-camera" }), watch_ready: (send, { session_id }) => send("end_watch", { session_id }) }) }, watch_request: (send, { session_id }) => { watched = session_id }, watch_ended: (send, { session_id }) => { if (session_id !== watched) return; device.close(); viewer.close() } })',
    'let viewer, watched',
  ]);
}

/** Nobody needs an account for it. @param {Ports} ports */
export function partyLine({ http }) {
  return nodeLine([
    'import WebSocket from "ws"',
    `const made = await fetch("http://127.0.0.1:${http}/sessions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "The Party" }) })`,
    'const { id, host_token } = await made.json()',
    `const socket = new WebSocket("ws://127.0.0.1:${http}/ws/party")`,
    'const send = (message) => socket.send(JSON.stringify({ timestamp: Date.now(), ...message }))',
    'socket.on("open", () => send({ type: "join", sessionId: id, deviceInfo: { id: "laptop", name: "DJ", type: "host" }, token: host_token }))',
    'socket.on("message", (text) => { console.log(String(text)); if (String(text).includes("member_list")) send({ type: "close_session" }) })',
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
