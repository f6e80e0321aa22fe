// @ts-check
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './commands.mjs';
import { NATS_VERSION, checksumOf, downloadNats } from './nats-download.mjs';

const name = `nats-server-v${NATS_VERSION}-linux-amd64`;
const archive = `${name}.tar.gz`;
const here = { platform: 'linux', arch: 'x64' };

let folder = '';
let base = '';
/** @type {Map<string, Buffer>} */
const files = new Map();
const server = createServer((request, response) => {
  const body = files.get(String(request.url).slice(1));
  response.writeHead(body === undefined ? 404 : 200).end(body);
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-download-'));
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'nats-server'), '#!/bin/sh\necho "nats-server: v0"\n');
  await run('tar', ['-czf', archive, name], { cwd: folder });
  const data = readFileSync(join(folder, archive));
  files.set(archive, data);
  files.set('SHA256SUMS', Buffer.from(`${createHash('sha256').update(data).digest('hex')}  ${archive}\n`));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the download of a release', () => {
  it('unpacks a server that can be run', async () => {
    const path = await downloadNats(join(folder, 'home'), { base, ...here });
    expect(statSync(path).mode & 0o111).toBe(0o111);
    expect((await run(path, ['--version'])).output).toContain('nats-server');
  });

  it('refuses what does not have the checksum of its release', async () => {
    const good = files.get('SHA256SUMS') ?? Buffer.alloc(0);
    files.set('SHA256SUMS', Buffer.from(`${'0'.repeat(64)}  ${archive}\n`));
    await expect(downloadNats(join(folder, 'other'), { base, ...here })).rejects.toThrow(/has checksum .* says 0000/);
    files.set('SHA256SUMS', Buffer.from('nothing here\n'));
    await expect(downloadNats(join(folder, 'other'), { base, ...here })).rejects.toThrow(/does not name/);
    files.set('SHA256SUMS', good);
  });

  it('says what was missing', async () => {
    const from = { base: `${base}/nowhere`, ...here };
    await expect(downloadNats(join(folder, 'other'), from)).rejects.toThrow(/nowhere\/.*answered 404/);
    const dead = { base: 'http://127.0.0.1:1', ...here };
    await expect(downloadNats(join(folder, 'other'), dead)).rejects.toThrow(/127.0.0.1:1\/SHA256SUMS: /);
    const odd = { base, platform: 'plan9', arch: 'x64' };
    await expect(downloadNats(join(folder, 'other'), odd)).rejects.toThrow(/no release for plan9/);
  });

  it('reads both spellings of a checksum line', () => {
    const hex = 'ab'.repeat(32);
    expect(checksumOf(`${hex}  a.tar.gz\n${hex} *b.tar.gz`, 'b.tar.gz')).toBe(hex);
    expect(checksumOf(`${hex}  a.tar.gz.asc`, 'a.tar.gz')).toBeUndefined();
  });
});
