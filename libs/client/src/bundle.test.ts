import { createContext, runInContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';

/** What an app's bundler makes of the built package. */
const DOOR = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const MAX_BYTES = 25 * 1_024;
const MAX_ALONE_BYTES = 9 * 1_024;

interface Bundle {
  readonly code: string;
  readonly gzipped: number;
  /** Files of which something is left. */
  readonly files: readonly string[];
}

async function bundle(source: string, format: 'es' | 'iife' = 'es'): Promise<Bundle> {
  const entry = '\0entry.js';
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: fileURLToPath(new URL('..', import.meta.url)),
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: {
      write: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format, name: 'parley' } },
    },
  });
  const output = Array.isArray(built) ? built[0] : built;
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  const chunks = output.output.flatMap((one) => (one.type === 'chunk' ? [one] : []));
  const code = chunks.map((chunk) => chunk.code).join('\n');
  const files = chunks.flatMap((chunk) =>
    Object.entries(chunk.modules).flatMap(([file, { renderedLength }]) => (renderedLength > 0 ? [file] : [])),
  );
  return { code, gzipped: gzipSync(code).length, files };
}

describe('all clients in one bundle', () => {
  let all: Bundle;
  beforeAll(async () => {
    all = await bundle(`export * from ${JSON.stringify(DOOR)};`);
  });

  test('less than 25 KB gzipped, without document types', () => {
    console.log(`all clients: ${String(all.code.length)} bytes, ${String(all.gzipped)} gzipped`);
    expect(all.gzipped).toBeLessThan(MAX_BYTES);
  });

  test('nothing of the server, of node, of schemas or of document types is in it', () => {
    const foreign =
      /@nestjs|@nats|typebox|\/ws\/|ot-json1|ot-text-unicode|quill|canonicalize|__vite-browser-external|node:/;
    expect(all.files.filter((file) => foreign.test(file))).toEqual([]);
    expect(all.code).not.toMatch(/from\s*["']node:|require\(/);
  });
});

test.each(['TopicsClient', 'PartyClient', 'WatchViewer', 'WatchDevice'])(
  'who imports %s alone gets no other',
  async (name) => {
    const { files, gzipped } = await bundle(`export { ${name} } from ${JSON.stringify(DOOR)};`);
    console.log(`${name} alone: ${String(gzipped)} bytes gzipped`);
    expect(gzipped).toBeLessThan(MAX_ALONE_BYTES);
    const folder = `/${name.replace(/^(Watch|Party|Topics).*/, '$1').toLowerCase()}/`;
    const folders = ['ot', 'collab', 'chat', 'topics', 'party', 'watch'].map((one) => `/${one}/`);
    const others = folders.filter((one) => one !== folder);
    expect(files.filter((file) => others.some((other) => file.includes(other)))).toEqual([]);
  },
);

test('importing touches nothing of its surroundings, and making a client opens nothing: servers can render with it', async () => {
  const { code } = await bundle(`export * from ${JSON.stringify(DOOR)};`, 'iife');
  // Neither window nor WebSocket, document, navigator, crypto or timers.
  const context = createContext({});
  const made = [
    "new parley.TopicsClient({ url: 'wss://host', token: 't' })",
    "new parley.WatchViewer({ url: 'wss://host', token: 't' })",
    "new parley.WatchDevice({ url: 'wss://host', deviceId: 'd', media: () => undefined })",
    "new parley.PartyClient({ url: 'wss://host', sessionId: 's', deviceInfo: { id: 'd', name: 'n' } })",
  ];
  const states: unknown = runInContext(`${code};\n[${made.join()}].map((one) => one.status.state).join()`, context);
  expect(states).toBe('idle,idle,idle,idle');
});
