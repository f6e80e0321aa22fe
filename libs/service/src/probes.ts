import { metricsText } from '@parley/telemetry';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readiness } from './readiness.js';

const REQUEST_MS = 10_000;

export interface Probes {
  /** The port that was taken. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * GET /livez: 200 as long as this process can answer at all, whatever NATS and Postgres do, since restarting every pod
 * mends neither. GET /readyz: 200 or 503 with the reasons. GET /metrics: Prometheus text.
 * Plain `node:http`, so that it answers before anything else is up.
 */
export async function startProbes(host: string, port: number, readiness: Readiness): Promise<Probes> {
  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS }, (request, response) => {
    answer(request, response, readiness).catch(() => {
      response.destroy();
    });
  });
  const taken = await listen(server, host, port);
  // Probes alone are no reason for a process to stay.
  server.unref();
  return {
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, readiness: Readiness): Promise<void> {
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, { error: 'only GET' });
    return;
  }
  switch ((request.url ?? '').split('?', 1)[0]) {
    case '/livez':
      send(response, 200, { alive: true });
      return;
    case '/readyz': {
      const reasons = readiness.reasons();
      send(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      return;
    }
    case '/metrics': {
      const text = await metricsText();
      response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
      return;
    }
    default:
      send(response, 404, { error: 'only /livez, /readyz and /metrics' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new Error(`port ${String(port)} for probes and metrics cannot be used: ${error.message}`));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
