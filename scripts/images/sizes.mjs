// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { call } from './tools.mjs';

/** What is ours of an image, the program and its packages. @param {string} folder the image's files @returns {Promise<number>} bytes */
export async function appSize(folder) {
  const out = await call('du', ['--summarize', '--apparent-size', '--block-size=1', join(folder, 'app')]);
  return Number(out.split('\t')[0]);
}

/** About what a registry holds and sends. @param {string} folder the image's files @returns {Promise<number>} bytes */
export async function packedSize(folder) {
  const tar = spawn('tar', ['-C', folder, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let bytes = 0;
  for await (const chunk of tar.stdout.pipe(createGzip())) bytes += chunk.length;
  return bytes;
}
