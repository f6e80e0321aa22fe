import { setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a service's process before it starts (`--import`): on SIGUSR2 it writes its CPU time and what is left of
 * its memory after a collection as one line of JSON. Services themselves know nothing of it.
 */
let asked = 0;
setFlagsFromString('--expose-gc');
/** The flag comes too late for this context, hence a new one. */
const collect = (): unknown => runInNewContext('gc()');

process.on('SIGUSR2', () => {
  asked += 1;
  const { user, system } = process.cpuUsage();
  if (process.env['PROBE_COLLECT'] === '1') {
    collect();
    collect();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ probe: asked, user, system, rss, heapUsed, external })}\n`);
  const snapshot = process.env['PROBE_SNAPSHOT'];
  if (snapshot !== undefined) writeHeapSnapshot(`${snapshot}-${asked}.heapsnapshot`);
});
