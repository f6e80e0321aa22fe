import type { TokenMaker } from '../harness/tokens.js';

/** The real gateway with a bus inside the process, as its package offers it for measuring. */
export const GATEWAY_RIG = '../../services/gateway/dist/testing/bench-rig.js';

/** Limits that a benchmark from one address would run into. */
export const unlimited = {
  PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000',
  PARLEY_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX: '100000',
  PARLEY_MESSAGES_PER_SECOND: '100000',
  PARLEY_MESSAGE_BURST: '100000',
} as const;

export function gatewayEnv(tokens: TokenMaker): Readonly<Record<string, string>> {
  return { ...unlimited, RIG_KEYS: JSON.stringify(tokens.keys) };
}
