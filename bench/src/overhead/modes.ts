import { once } from 'node:events';
import { createServer } from 'node:http';

/** As they are named in the tables; the first is what the others are compared with. */
export const modes = [
  ['off', 'off'],
  ['metrics', 'metrics'],
  ['traces', 'metrics, 1 % traced'],
] as const;

/** Takes spans and forgets them. */
export async function startCollector(later: (end: () => Promise<unknown>) => void): Promise<string> {
  const collector = createServer((request, response) => {
    request.resume().on('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  later(() => new Promise((resolve) => collector.close(resolve)));
  later(() => {
    collector.closeAllConnections();
    return Promise.resolve();
  });
  const address = collector.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the collector');
  return `http://127.0.0.1:${String(address.port)}`;
}
