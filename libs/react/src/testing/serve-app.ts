import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const APP = fileURLToPath(new URL('../../dist/testing/app.js', import.meta.url));

/** Builds the app with vite, in React's development mode (StrictMode's double effects are only there), and serves it. */
export async function serveApp(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    mode: 'development',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    define: { 'process.env.NODE_ENV': '"development"' },
    build: { write: false, minify: false, rolldownOptions: { input: APP, output: { format: 'es' } } },
  });
  const output = Array.isArray(built) ? built[0] : built;
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  const code = output.output.flatMap((one) => (one.type === 'chunk' ? [one.code] : [])).join('\n');
  const server = createServer(({ url }, response) => {
    if (url?.startsWith('/app.js') === true) response.setHeader('Content-Type', 'text/javascript').end(code);
    else
      response
        .setHeader('Content-Type', 'text/html')
        .end('<div id="root"></div><script type="module" src="/app.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to serve the app on');
  return {
    url: `http://127.0.0.1:${String(address.port)}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
