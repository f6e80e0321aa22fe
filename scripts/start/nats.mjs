// @ts-check
import { connect } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run } from './commands.mjs';
import { freePortNear } from './ports.mjs';
import { StartError, inOneLine } from './say.mjs';

/** @typedef {import('./child.mjs').Spec} Spec */

/**
 * A frame of 1 MiB, the largest that clients may send, travels with a head of ours: NATS's own default of 1 MiB would
 * refuse it.
 */
const MAX_PAYLOAD = '2MB';

/**
 * How to run our own server.
 * @param {{bin: string, home: string, portOffset: number}} where
 * @returns {Promise<{spec: Spec, url: string}>}
 */
export async function natsSpec({ bin, home, portOffset }) {
  const { code, output, failedToRun } = await run(bin, ['--version'], { timeoutMs: 10_000 });
  if (failedToRun || code !== 0 || !/nats-server/.test(output)) {
    throw new StartError(`${bin} is no working nats-server: ${lastLines(output) || `it ended with exit code ${code}`}`);
  }
  const port = await freePortNear(4222 + portOffset);
  const store = join(home, 'nats');
  mkdirSync(store, { recursive: true });
  const config = join(home, 'nats.conf');
  writeFileSync(
    config,
    `# Written by npm start.\nlisten: "127.0.0.1:${port}"\nmax_payload: ${MAX_PAYLOAD}\njetstream { store_dir: ${JSON.stringify(store)} }\n`,
  );
  return {
    url: `nats://127.0.0.1:${port}`,
    spec: {
      name: 'nats',
      command: bin,
      args: ['-c', config],
      log: join(home, 'logs', 'nats.log'),
      readyMs: 15_000,
      isReady: (line) => line.includes('Server is ready'),
    },
  };
}

/**
 * Fails in one line unless one of the servers answers and has JetStream.
 * @param {string} urls comma-separated
 */
export async function checkNats(urls) {
  /** @type {string[]} */
  const problems = [];
  for (const url of urls.split(',').map((part) => part.trim())) {
    try {
      const info = await greeting(url);
      if (info.jetstream === true) return;
      problems.push(`${withoutLogin(url)} has no JetStream; start it with -js`);
    } catch (error) {
      problems.push(`nothing answers at ${withoutLogin(url)} (${inOneLine(error)})`);
    }
  }
  throw new StartError(`PARLEY_NATS_URL: ${problems.join('; ')}`);
}

/**
 * A NATS server speaks first: one line with what it is and can.
 * @param {string} url
 * @returns {Promise<{jetstream?: boolean}>}
 */
function greeting(url) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 4222), timeout: 5_000 });
    let text = '';
    const fail = (/** @type {Error} */ error) => {
      socket.destroy();
      reject(error);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const line = /^INFO (\{.*\})\s*\r\n/.exec(text);
      if (line?.[1] !== undefined) {
        socket.destroy();
        resolve(JSON.parse(line[1]));
      } else if (text.length > 65_536 || !'INFO '.startsWith(text.slice(0, 5))) {
        fail(new Error('it is no NATS server'));
      }
    });
    socket.once('timeout', () => fail(new Error('no greeting within 5 s')));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('it closed the connection')));
  });
}

/** @param {string} url */
export function withoutLogin(url) {
  return url.replace(/\/\/[^@/]*@/, '//');
}
