import { defineOptions, option, type Options } from '@parley/config';
import { compile, DialectName } from '@parley/contracts';
import type { ConnectionLimits } from './connection.js';

export const presenceOptions = defineOptions({
  userConnectionsMax: option.integer({
    env: 'PARLEY_USER_CONNECTIONS_MAX',
    default: 50,
    min: 1,
    max: 10_000,
    doc: 'Connections that one user may have open on all gateways together.',
  }),
  userConnectionsByDialect: option.list({
    env: 'PARLEY_USER_CONNECTIONS_BY_DIALECT',
    default: ['collab=5'],
    maxItems: 32,
    doc: 'Limits for single dialects within it, as `dialect=number`.',
  }),
  graceMs: option.integer({
    env: 'PARLEY_PRESENCE_GRACE_MS',
    default: 5_000,
    min: 0,
    max: 600_000,
    doc: 'How long after the last connection of a user others still see them, ms. A reconnect within it is not seen.',
  }),
  settleMs: option.integer({
    env: 'PARLEY_PRESENCE_SETTLE_MS',
    default: 3_000,
    min: 0,
    max: 60_000,
    doc: 'After a reconnect to the bus, or taking over users from another replica, how long gateways have to report before anyone is called gone, ms.',
  }),
  sweepMs: option.integer({
    env: 'PARLEY_PRESENCE_SWEEP_MS',
    default: 250,
    min: 50,
    max: 500,
    doc: 'How often to look for users whose grace has run out, ms.',
  }),
  metadataMaxBytes: option.integer({
    env: 'PARLEY_PRESENCE_METADATA_MAX_BYTES',
    default: 16_384,
    min: 2,
    max: 65_536,
    doc: 'Size of the metadata that a user may show beside their status, bytes of JSON. Dialects may allow less.',
  }),
});
export type PresenceOptions = Options<typeof presenceOptions>;

const dialectCheck = compile(DialectName);

/** Throws one clear line when a limit is not written as `dialect=number`. */
export function connectionLimits(
  options: Pick<PresenceOptions, 'userConnectionsMax' | 'userConnectionsByDialect'>,
): ConnectionLimits {
  const byDialect: Partial<Record<DialectName, number>> = {};
  for (const item of options.userConnectionsByDialect) {
    const [dialect, limit = ''] = item.split('=');
    if (!dialectCheck.is(dialect) || !/^[1-9]\d{0,4}$/.test(limit)) {
      throw new Error(`PARLEY_USER_CONNECTIONS_BY_DIALECT: expected dialect=number, got "${item}"`);
    }
    byDialect[dialect] = Number(limit);
  }
  return { total: options.userConnectionsMax, byDialect };
}
