import type { TrailEntry } from './bodies.js';

const CLOSED: Readonly<Record<string, string>> = {
  client: 'the other side left',
  protocol: 'a rule of the dialect ended it',
  revoked: 'the login was revoked',
  disconnected: 'an operator disconnected it',
  replaced: 'another connection took its place',
  login_timeout: 'it did not log in in time',
  idle: 'it was silent for too long',
  slow: 'it read too slowly',
  flooding: 'it sent too much',
  bad_input: 'it sent what cannot be understood',
  binary_refused: 'it sent binary frames where there are none',
  too_large: 'it sent a frame that was too large',
  shutdown: 'the gateway was stopped',
  rebalance: 'the gateway sent it elsewhere',
  internal: 'a fault of the gateway',
  too_many_connections: 'too many connections of this user',
};

/** What happened, in words; `gatewayName` says what a gateway is called here. */
export function trailWords(entry: TrailEntry, gatewayName: (id: string) => string): string {
  const why = entry.reason === undefined ? '' : (CLOSED[entry.reason] ?? entry.reason);
  switch (entry.what) {
    case 'connected':
      return `Connected${entry.address === undefined ? '' : ` from ${entry.address}`}`;
    case 'logged_in':
      return entry.moved_from === undefined
        ? 'Logged in'
        : `Logged in, moved here from ${gatewayName(entry.moved_from)}`;
    case 'refused':
      return `Refused: ${why}`;
    case 'closed':
      return `Closed with ${String(entry.code ?? 1006)}: ${why}`;
    default:
      return entry.what;
  }
}
