import { compile, errorCodes, isErrorCode } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../dialect.js';
import { aConnection } from '../testing/topics.js';
import { codes, ErrorMessage } from './down.js';
import { errorMessage } from './errors.js';

const check = compile(ErrorMessage);

const closes: readonly (readonly [EndReason, number])[] = [
  ['revoked', 1008],
  ['login_timeout', 1008],
  ['idle', 1001],
  ['bad_input', 1008],
  ['binary_refused', 1003],
  ['too_large', 1009],
  ['slow', 1013],
  ['flooding', 1008],
  ['shutdown', 1001],
  ['rebalance', 1001],
  ['disconnected', 1008],
  ['replaced', 1000],
  ['internal', 1011],
];

describe('errors', () => {
  it('ER1: every error has one of the seven codes of the document', () => {
    for (const code of Object.keys(errorCodes).filter(isErrorCode)) {
      const message = errorMessage({ code, message: 'why' });
      expect(check.is(message)).toBe(true);
      expect(codes).toContain(message.data.code);
    }
  });

  it('ER5: a fault of ours is not described', () => {
    const { data } = errorMessage({ code: 'internal', message: 'password=hunter2' });
    expect(data).toEqual({ code: 500, message: 'Internal error', details: {} });
  });

  it('LM2: every 429 says when to try again', () => {
    expect(errorMessage({ code: 'limit_exceeded', message: '' }).data.details.retry_after_ms).toBeGreaterThan(0);
    const limited = errorMessage({ code: 'rate_limited', message: '', retryAfterMs: 70 });
    expect(limited.data.details.retry_after_ms).toBe(70);
  });
});

describe('ends', () => {
  it.each(closes)('ER8: %s closes with %i', async (reason, code) => {
    const harness = await aConnection();
    await harness.end(reason);
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code });
  });

  it('KA2: silence is told as a heartbeat timeout', async () => {
    const harness = await aConnection();
    await harness.end('idle');
    expect(harness.log).toEqual([{ kind: 'close', code: 1001, reason: 'heartbeat timeout' }]);
  });

  it('ER7: a revoked login is told before the close', async () => {
    const harness = await aConnection();
    await harness.end('revoked');
    expect(harness.take()).toMatchObject([{ type: 'Error', data: { code: 401 } }]);
  });
});
