import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file of the page as it is sent; all are held in memory, so no request ever opens one. */
export interface ConsoleFile {
  readonly bytes: Buffer;
  /** Left out where it would save nothing. */
  readonly gzipped: Buffer | undefined;
  readonly type: string;
  /** Its name carries a hash of its contents. */
  readonly forever: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** More than this is not our page. */
const MAX_FILES = 200;
const MAX_BYTES = 16 * 1_024 * 1_024;
const MIN_GZIP_BYTES = 1_024;

const gzipAsync = promisify(gzip);

/** By their paths in URLs, `/` for the page itself. Empty where there is no page; files of other kinds are left out. */
export async function readConsole(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const files = new Map<string, ConsoleFile>();
  const names = await namesIn(folder);
  if (!names.includes('index.html')) return files;
  let total = 0;
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = await readFile(join(folder, name));
    total += bytes.length;
    if (files.size === MAX_FILES || total > MAX_BYTES) throw new Error(`${folder} holds more than the console's page`);
    const gzipped = bytes.length < MIN_GZIP_BYTES ? undefined : await gzipAsync(bytes);
    files.set(name === 'index.html' ? '/' : `/${name}`, { bytes, gzipped, type, forever: name.startsWith('assets/') });
  }
  return files;
}

/** The folder's own and those of `assets`, which is how the page is built. */
async function namesIn(folder: string): Promise<string[]> {
  const assets = (await listed(join(folder, 'assets'))).map((name) => `assets/${name}`);
  return [...(await listed(folder)), ...assets].sort();
}

async function listed(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}
