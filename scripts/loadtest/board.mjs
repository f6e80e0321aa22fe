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
 * @property {() => void} end nothing more will be posted: whoever waits waits in vain
 * @property {() => Promise<void>} close
 */

const BODY_MAX = 64 * 1_024 * 1_024;

/** @param {{killGateway?: (number: number) => Promise<void>}} [abilities] @returns {Promise<Board>} */
export async function startBoard({ killGateway } = {}) {
  const lists = new Lists();
  const server = createServer((request, response) => {
    answer(lists, request, killGateway).then(
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
    list: (name) => lists.of(name),
    post: (name, entry) => lists.add(name, [entry]),
    wait: (name, count, seconds) => lists.wait(name, count, seconds),
    on: (name, heard) => lists.listeners.set(name, heard),
    end: () => lists.end(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Lists {
  /** @type {Map<string, unknown[]>} */
  #lists = new Map();
  /** @type {Set<() => void>} */
  #waiting = new Set();
  #ended = false;
  /** @type {Map<string, (entry: any) => void>} */
  listeners = new Map();

  /** @param {string} name */
  of(name) {
    const entries = this.#lists.get(name) ?? [];
    this.#lists.set(name, entries);
    return entries;
  }

  /** @param {string} name @param {readonly unknown[]} entries */
  add(name, entries) {
    for (const entry of entries) {
      this.of(name).push(entry);
      this.listeners.get(name)?.(entry);
    }
    for (const look of [...this.#waiting]) look();
  }

  end() {
    this.#ended = true;
    for (const look of [...this.#waiting]) look();
  }

  /** @param {string} name @param {number} count @param {number} seconds @returns {Promise<readonly any[]>} */
  wait(name, count, seconds) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const there = this.of(name).length >= count;
        if (!there && !this.#ended) return;
        leave();
        if (there) resolve(this.of(name));
        else reject(new Error(`${this.of(name).length} of ${count} ${name} until the script ended`));
      };
      const timer = setTimeout(() => {
        leave();
        reject(new Error(`${this.of(name).length} of ${count} ${name} within ${seconds} s`));
      }, seconds * 1_000);
      const leave = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/**
 * @param {Lists} lists
 * @param {import('node:http').IncomingMessage} request
 * @param {((number: number) => Promise<void>) | undefined} killGateway
 * @returns {Promise<[number, unknown?]>}
 */
async function answer(lists, request, killGateway) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://board');
  const [, kind, name = '', index] = pathname.split('/');
  if (kind === 'gateways' && killGateway !== undefined) {
    await killGateway(Number(name));
    return [204];
  }
  if (kind !== 'lists') return [404];
  if (request.method === 'POST' || request.method === 'PUT') {
    const value = JSON.parse(await bodyOf(request));
    lists.add(name, request.method === 'PUT' ? value : [value]);
    return [204];
  }
  if (index !== undefined) {
    const value = lists.of(name)[Number(index)];
    return value === undefined ? [404] : [200, value];
  }
  return [200, await lists.wait(name, Number(searchParams.get('count')), Number(searchParams.get('seconds')))];
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
