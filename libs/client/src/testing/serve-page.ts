import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PAGE = fileURLToPath(new URL('../../dist/testing/watch-page.js', import.meta.url));

/** Builds the page as an app's bundler would, and serves it on 127.0.0.1, where a page may use the camera without TLS. */
export async function servePage(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    build: { write: false, minify: false, rolldownOptions: { input: PAGE, output: { format: 'es' } } },
  });
  const output = Array.isArray(built) ? built[0] : built;
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  const code = output.output.flatMap((one) => (one.type === 'chunk' ? [one.code] : [])).join('\n');
  const server = createServer(({ url }, response) => {
    if (url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(code);
    else response.setHeader('Content-Type', 'text/html').end('<script type="module" src="/page.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to serve the page on');
  return {
    url: `http://127.0.0.1:${String(address.port)}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
