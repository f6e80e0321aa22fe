import { expect, test } from 'vitest';
import type { TrailEntry } from './bodies.js';
import { trailWords } from './trail-words.js';

const entry: TrailEntry = {
  at: 0,
  what: 'connected',
  gateway_id: 'g',
  connection_id: 'c',
  dialect: 'chat',
  address: undefined,
  code: undefined,
  reason: undefined,
  moved_from: undefined,
};

test.each<[Partial<TrailEntry>, string]>([
  [{ address: '192.0.2.1' }, 'Connected from 192.0.2.1'],
  [{ what: 'logged_in' }, 'Logged in'],
  [{ what: 'logged_in', moved_from: 'x' }, 'Logged in, moved here from gateway x'],
  [{ what: 'refused', reason: 'too_many_connections' }, 'Refused: too many connections of this user'],
  [{ what: 'closed', code: 4004, reason: 'revoked' }, 'Closed with 4004: the login was revoked'],
  [{ what: 'closed', reason: 'of_a_newer_server' }, 'Closed with 1006: of_a_newer_server'],
  [{ what: 'slept' }, 'slept'],
])('%j', (part, words) => {
  expect(trailWords({ ...entry, ...part }, (id) => `gateway ${id}`)).toBe(words);
});
