// @ts-check
import { createServer } from 'node:http';
import { once } from 'node:events';

/**
 * Where the VUs of a run meet, since k6 lets them share nothing: lists with names. Whoever asks for more entries than there
 * are is answered when they have come.
 * @typedef {object} Board
 * @property {string} url
 * @property {(list: string) => readonly any[]} list what is in it by now
 * @property {(list: string, entry: unknown) => void} post
 * @property {(list: string, count: number, seconds: number) => Promise<readonly any[]>} wait
 * @property {(list: string, heard: (entry: any) => void) => void} on
 * @property {() => void} clear between two scripts
 * @property {() => Promise<void>} close
 */

const BODY_MAX = 64 * 1_024 * 1_024;

/** @param {{killGateway?: (number: number) => Promise<void>}} [abilities] @returns {Promise<Board>} */
export async function startBoard({ killGateway } = {}) {
  /** @type {Map<string, unknown[]>} */
  const lists = new Map();
  /** @type {Set<() => void>} */
  const waiting = new Set();
  /** @type {Map<string, (entry: any) => void>} */
  const listeners = new Map();

  const entriesOf = (/** @type {string} */ name) => {
    const entries = lists.get(name) ?? [];
    lists.set(name, entries);
    return entries;
  };
  const add = (/** @type {string} */ name, /** @type {readonly unknown[]} */ entries) => {
    for (const entry of entries) {
      entriesOf(name).push(entry);
      listeners.get(name)?.(entry);
    }
    for (const look of [...waiting]) look();
  };
  /** @type {Board['wait']} */
  const wait = (name, count, seconds) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (entriesOf(name).length < count) return;
        leave();
        resolve(entriesOf(name));
      };
      const timer = setTimeout(() => {
        leave();
        reject(new Error(`${entriesOf(name).length} of ${count} ${name} within ${seconds} s`));
      }, seconds * 1_000);
      const leave = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });

  /** @param {import('node:http').IncomingMessage} request @returns {Promise<[number, unknown?]>} */
  const answer = async (request) => {
    const url = new URL(request.url ?? '/', 'http://board');
    const [, kind, name = '', index] = url.pathname.split('/');
    if (kind === 'gateways' && killGateway !== undefined) {
      await killGateway(Number(name));
      return [204];
    }
    if (kind !== 'lists') return [404];
    if (request.method === 'POST' || request.method === 'PUT') {
      const value = JSON.parse(await bodyOf(request));
      add(name, request.method === 'PUT' ? value : [value]);
      return [204];
    }
    if (index !== undefined) {
      const value = entriesOf(name)[Number(index)];
      return value === undefined ? [404] : [200, value];
    }
    const { searchParams } = url;
    return [200, await wait(name, Number(searchParams.get('count')), Number(searchParams.get('seconds')))];
  };

  const server = createServer((request, response) => {
    answer(request).then(
      ([status, value]) => response.writeHead(status).end(value === undefined ? undefined : JSON.stringify(value)),
      (error) => response.writeHead(504).end(String(error)),
    );
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the board has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    list: (name) => entriesOf(name),
    post: (name, entry) => add(name, [entry]),
    wait,
    on: (name, heard) => listeners.set(name, heard),
    clear() {
      lists.clear();
      listeners.clear();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > BODY_MAX) throw new Error('too much for the board');
  }
  return body;
}
