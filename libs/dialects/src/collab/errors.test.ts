import { compile, errorCodes, isErrorCode } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../dialect.js';
import { contentOf } from '../testing/fixtures.js';
import { aConnection } from '../testing/collab.js';
import { codes, Down, type Code } from './down.js';
import { refuse, refuseAs } from './errors.js';
import type { Commands } from '../command.js';

const anyText: unknown = expect.any(String);
const check = compile(Down);
const everyCode = Object.keys(errorCodes).filter(isErrorCode);

function payloadOf(commands: Commands): unknown {
  const [command] = commands;
  const frame = command?.kind === 'send' ? command.frames[0] : undefined;
  const parsed: unknown = JSON.parse(String(frame === undefined ? '' : contentOf(frame)));
  expect(check.is(parsed)).toBe(true);
  return check.is(parsed) ? parsed.payload : undefined;
}

const recoverable: readonly (readonly [Code, boolean])[] = [
  [1001, false],
  [1002, true],
  [1003, true],
  [2001, false],
  [2002, true],
  [2003, false],
  [3001, false],
  [3002, true],
  [3003, true],
  [5001, true],
  [5002, true],
];

const closes: readonly (readonly [EndReason, number, number | undefined])[] = [
  ['revoked', 1008, 1001],
  ['login_timeout', 1008, 1001],
  ['idle', 1001, undefined],
  ['bad_input', 1008, undefined],
  ['binary_refused', 1003, undefined],
  ['too_large', 1009, undefined],
  ['slow', 1013, undefined],
  ['flooding', 1008, 1003],
  ['shutdown', 1001, undefined],
  ['rebalance', 1001, undefined],
  ['disconnected', 1008, undefined],
  ['replaced', 1000, undefined],
  ['internal', 1011, 5001],
];

describe('errors', () => {
  it.each(everyCode)('ER1: %s has a code on the wire', (code) => {
    expect(payloadOf(refuse(1, { code, message: 'why' }, { id: 'm', roomId: 'notes' }))).toMatchObject({
      message: anyText,
      details: { messageId: 'm' },
    });
  });

  it('ER2: every code says whether trying again is of use', () => {
    expect(recoverable.map(([code]) => code)).toEqual(codes);
    for (const [code, again] of recoverable) {
      expect(payloadOf(refuseAs(1, { code, message: 'why' }))).toMatchObject({ code, recoverable: again });
    }
  });

  it('ER9: a fault of ours is not described', () => {
    expect(payloadOf(refuse(1, { code: 'internal', message: 'password=hunter2' }))).toMatchObject({
      code: 5001,
      message: 'Internal error',
    });
  });

  it('LM4: limits say when it is worth another try', () => {
    expect(payloadOf(refuse(1, { code: 'rate_limited', message: '', retryAfterMs: 17 }))).toMatchObject({
      code: 1003,
      details: { retryAfterMs: 17 },
    });
    expect(payloadOf(refuse(1, { code: 'limit_exceeded', message: '' }))).toMatchObject({
      code: 1003,
      details: { retryAfterMs: 30_000 },
    });
  });

  it('DN1: an error about a room names it', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'dance' });
    expect(harness.take()).not.toMatchObject([{ roomId: 'notes' }]);
  });
});

describe('the end', () => {
  it.each(closes)('ER10, ER11, HS7: %s closes with %i', async (reason, code, told) => {
    const harness = await aConnection();
    await harness.end(reason);
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code });
    expect(harness.take()).toMatchObject(told === undefined ? [] : [{ type: 'error', payload: { code: told } }]);
    await harness.send({ type: 'ping' });
    expect(harness.log).toEqual([]);
  });
});
