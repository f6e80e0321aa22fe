import { errorCodes, isErrorCode } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import { contentOf } from '../testing/fixtures.js';
import { NOW, TS } from '../testing/watch.js';
import { ending, refuseError } from './errors.js';

function toldBy(commands: Commands): unknown[] {
  return commands.flatMap((command) =>
    command.kind === 'send' ? command.frames.map((frame): unknown => JSON.parse(String(contentOf(frame)))) : [],
  );
}

const table: Record<EndReason, { code: number; reason: string; told?: string }> = {
  revoked: { code: 1008, reason: 'login revoked', told: 'Invalid token' },
  login_timeout: { code: 1008, reason: 'no hello in time', told: 'Unauthorized' },
  idle: { code: 1001, reason: 'heartbeat timeout' },
  bad_input: { code: 1008, reason: 'too many bad messages' },
  binary_refused: { code: 1008, reason: 'binary frames have no meaning here' },
  too_large: { code: 1009, reason: 'frame too large' },
  slow: { code: 1013, reason: 'reads too slowly' },
  flooding: { code: 1008, reason: 'too many messages' },
  shutdown: { code: 1001, reason: 'going away' },
  rebalance: { code: 1001, reason: 'please reconnect' },
  disconnected: { code: 1008, reason: 'disconnected by an operator' },
  replaced: { code: 1000, reason: 'replaced' },
  internal: { code: 1011, reason: 'internal error' },
};

function reasonOf(name: string): EndReason {
  const found = reasons.find((reason) => reason === name);
  if (found === undefined) throw new Error(name);
  return found;
}

const reasons: readonly EndReason[] = [
  ...(['revoked', 'login_timeout', 'idle', 'bad_input', 'binary_refused', 'too_large'] as const),
  ...(['slow', 'flooding', 'shutdown', 'rebalance', 'disconnected', 'replaced', 'internal'] as const),
];

describe('HL8, FM4, FM5, FM7, FM8: last words', () => {
  it.each(Object.entries(table))('%s', (name, { told, ...closed }) => {
    const commands = ending({ at: NOW }, reasonOf(name));
    expect(commands.at(-1)).toEqual({ kind: 'close', ...closed });
    expect(toldBy(commands)).toEqual(told === undefined ? [] : [{ type: 'error', ts: TS, payload: { message: told } }]);
  });
});

describe('refusals', () => {
  const texts = new Map([
    ['not_found', 'Session not found'],
    ['forbidden', 'Unauthorized'],
    ['unauthenticated', 'Unauthorized'],
    ['unavailable', 'Service unavailable, try again later'],
    ['timeout', 'Service unavailable, try again later'],
    ['internal', 'Internal error'],
  ]);

  it.each(Object.keys(errorCodes))('FM2, FM9: %s is said in words, with the id of what it answers', (code) => {
    if (!isErrorCode(code)) throw new Error(code);
    const error = { code, message: 'A message of the service.' };
    expect(toldBy(refuseError({ at: NOW, requestId: 'r1' }, error, 'Session not found'))).toEqual([
      {
        type: 'error',
        request_id: 'r1',
        ts: TS,
        payload: { message: texts.get(code) ?? 'A message of the service.' },
      },
    ]);
  });
});
