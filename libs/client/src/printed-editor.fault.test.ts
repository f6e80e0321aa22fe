import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { get, post, register, type Account } from './testing/accounts.js';
import { isRecord } from './transport/check.js';

const document = new URL('../../../docs/collab.md', import.meta.url);
const ROOM = 'meeting-notes';

let cluster: Cluster;

beforeAll(async () => {
  // Where Node has no WebSocket of its own yet.
  vi.stubGlobal('WebSocket', WebSocket);
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await cluster.stop();
});

/** What a page's textarea is to the example. */
class Textarea extends EventTarget {
  value = '';

  type(text: string): void {
    this.value += text;
    this.dispatchEvent(new Event('input'));
  }

  undo(): void {
    this.dispatchEvent(Object.assign(new Event('keydown'), { ctrlKey: true, key: 'z' }));
  }
}

/** The example as the page prints it. */
async function printedEditor(): Promise<string> {
  const section = (await readFile(document, 'utf8')).split('## An editor in ten lines')[1] ?? '';
  const code = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  if (code === undefined) throw new Error('docs/collab.md prints no editor');
  return code;
}

interface Page {
  readonly textarea: Textarea;
  close(): void;
}

/** Runs it as it stands, but for the address and the token. */
async function open({ token }: Account, gateway: number): Promise<Page> {
  const textarea = new Textarea();
  vi.stubGlobal('document', { querySelector: () => textarea });
  const code = (await printedEditor())
    .replace('ws://localhost:8080', cluster.gateway(gateway).wsUrl)
    .replace('accessToken', JSON.stringify(token));
  // Inside the workspace, so that it finds the packages that it imports.
  const file = new URL(`../example-${String(process.pid)}-${String(gateway)}.mjs`, import.meta.url);
  await writeFile(file, `${code}\nexport const close = () => client.disconnect();\n`);
  try {
    const loaded: unknown = await import(/* @vite-ignore */ file.pathname);
    if (!isRecord(loaded) || !(loaded['close'] instanceof Function)) throw new Error('the example was not loaded');
    const { close } = loaded;
    return { textarea, close: () => void Reflect.apply(close, undefined, []) };
  } finally {
    await rm(file, { force: true });
  }
}

test('the editor printed in docs/collab.md edits one text with another of its kind, and takes back what its user did', async () => {
  const { url } = cluster.gateway(1);
  const [ann, ben] = [await register(url), await register(url)];
  await post(`${url}/rooms`, { id: ROOM, type: 'text', content: 'Notes: ', public: true }, ann.token);
  const [one, two] = [await open(ann, 1), await open(ben, 2)];
  try {
    expect([one.textarea.value, two.textarea.value]).toEqual(['Notes: ', 'Notes: ']);
    one.textarea.type('hello');
    await waitFor(() => two.textarea.value === 'Notes: hello', 'the other to see it');
    two.textarea.type(' world');
    await waitFor(() => one.textarea.value === 'Notes: hello world', 'the other to see it');
    one.textarea.undo();
    await waitFor(() => two.textarea.value === 'Notes:  world', 'the other to see it undone');
    expect(one.textarea.value).toBe('Notes:  world');
    expect(await get(`${url}/rooms/${ROOM}`, ben.token)).toMatchObject({ content: 'Notes:  world' });
  } finally {
    for (const { close } of [one, two]) close();
  }
});
