import { compile, errorCodes as codes, isErrorCode } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Command } from '../command.js';
import type { EndReason } from '../dialect.js';
import { aConnection } from '../testing/chat.js';
import { ErrorDispatch } from './down.js';
import { end, errorDispatch, invalidMessage, turnAway } from './errors.js';

const check = compile(ErrorDispatch);
const everyCode = Object.keys(codes).filter(isErrorCode);

const closes: readonly (readonly [EndReason, number, string])[] = [
  ['revoked', 4001, 'login revoked'],
  ['login_timeout', 4001, 'no login in time'],
  ['idle', 1001, 'heartbeat timeout'],
  ['bad_input', 4002, 'too many bad messages'],
  ['binary_refused', 4002, 'frame: binary frames have no meaning here'],
  ['too_large', 1009, 'frame too large'],
  ['slow', 1013, 'reads too slowly'],
  ['flooding', 1008, 'too many messages'],
  ['shutdown', 1001, 'going away'],
  ['rebalance', 1001, 'please reconnect'],
  ['disconnected', 1000, 'disconnected by an operator'],
  ['replaced', 1000, 'replaced'],
  ['internal', 1011, 'internal error'],
];

describe('errors', () => {
  it.each(everyCode)('UP7: %s has a code on the wire', (code) => {
    expect(check.is(errorDispatch({ code, message: 'why' }, 'VOICE_SIGNAL'))).toBe(true);
  });

  it('ER2: a fault of ours is not described', () => {
    const message = 'password=hunter2';
    expect(errorDispatch({ code: 'internal', message }, 'AUTH').d).toEqual({
      code: 'internal',
      message: 'Internal error',
      op: 'AUTH',
    });
    expect(turnAway({ code: 'internal', message })).toEqual([{ kind: 'close', code: 1011, reason: 'internal error' }]);
  });

  it('LM1: says when to try again', () => {
    const limited = { code: 'rate_limited', message: '' } as const;
    expect(errorDispatch({ ...limited, retryAfterMs: 70 }, 'VOICE_SIGNAL').d.retry_after_ms).toBe(70);
    expect(errorDispatch(limited, 'VOICE_SIGNAL').d.retry_after_ms).toBeGreaterThan(0);
  });
});

describe('ends', () => {
  it.each(closes)('ER3, ER4, KA2: %s closes with %i, %s', async (why, code, reason) => {
    const harness = await aConnection();
    await harness.end(why);
    expect(harness.log).toEqual([{ kind: 'close', code, reason }]);
    await harness.send({ op: 'HEARTBEAT' });
    expect(harness.log).toHaveLength(1);
  });

  it.each(everyCode)('HS5: %s ends a connection that is opening', (code) => {
    expect(turnAway({ code, message: 'why' })).toMatchObject([{ kind: 'close' }]);
  });

  it('ER1: a reason fits into its frame, without half a character at its end', () => {
    const long = `${'a'.repeat(122)}é and more`;
    expect(end(4002, long)).toMatchObject({ reason: 'a'.repeat(122) });
    expect(end(4001, 'é'.repeat(100))).toMatchObject({ reason: 'é'.repeat(61) });
    expect(end(4001, 'short')).toMatchObject({ reason: 'short' });
    expect(bytesOf(invalidMessage('d.\ud800', '😀'.repeat(50))[0])).toBeLessThanOrEqual(123);
  });
});

function bytesOf(command: Command | undefined): number {
  if (command?.kind !== 'close') throw new Error('not a close');
  return new TextEncoder().encode(command.reason).length;
}
