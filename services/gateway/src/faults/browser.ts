import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium, type Browser, type Page } from 'playwright-core';

const CHROMIUM = process.env['PARLEY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

/** A real browser with a made-up camera and microphone, whose calls may stay on this machine. */
export async function openBrowser(...flags: readonly string[]): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is not there: apt-get install chromium, or name one in PARLEY_TEST_CHROMIUM`);
  }
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/** On 127.0.0.1, where a page may use camera and microphone without TLS. */
export async function servePage(file: URL): Promise<{ readonly url: string; close(): void }> {
  const html = readFileSync(file);
  const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to serve the page on');
  return { url: `http://127.0.0.1:${String(address.port)}/`, close: () => void server.close() };
}

/** Calls a function of the page. */
export async function run(page: Page, name: string, argument?: unknown): Promise<unknown> {
  try {
    return await page.evaluate(`${name}(${argument === undefined ? '' : JSON.stringify(argument)})`);
  } catch (error) {
    // Without the page's own stack, in which a test runner looks for files of this machine.
    const [message] = String(error).split('\n');
    throw new Error(`${name} failed in the page: ${message ?? ''}`);
  }
}
