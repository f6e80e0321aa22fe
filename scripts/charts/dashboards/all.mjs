// @ts-check
import { gateways } from './gateways.mjs';
import { natsPostgres } from './nats-postgres.mjs';
import { ot } from './ot.mjs';
import { overview } from './overview.mjs';
import { services } from './services.mjs';
import { signalingSessions } from './signaling-sessions.mjs';

/**
 * The six dashboards, by file name. Queries ask only for what docs/generated/METRICS.md and the instrumentation of Node
 * name; what happens rarely is shown as 0 until then, so that an empty panel always means that something is wrong.
 * @type {Record<string, import('./parts.mjs').Dashboard>}
 */
export const dashboards = {
  overview,
  gateways,
  services,
  ot,
  'signaling-sessions': signalingSessions,
  'nats-postgres': natsPostgres,
};
