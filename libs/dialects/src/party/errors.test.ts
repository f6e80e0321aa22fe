import { errorCodes as boundaryCodes, isErrorCode } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Command } from '../command.js';
import { contentOf } from '../testing/fixtures.js';
import { NOW } from '../testing/party.js';
import { errorCodes } from './down.js';
import { ending, refuse, refuseError } from './errors.js';

const flat = { form: 'flat', at: NOW } as const;

function sent(commands: readonly Command[]): unknown[] {
  return commands.flatMap((command): unknown[] =>
    command.kind === 'send' ? command.frames.map((frame): unknown => JSON.parse(String(contentOf(frame)))) : [],
  );
}

describe('errors', () => {
  it('FM2: are flat, with details where there are some', () => {
    const details = { maxMembers: 10, currentMembers: 10 };
    expect(sent(refuse(flat, 'session_full', 'Full', details))).toEqual([
      { type: 'error', timestamp: NOW, code: 'session_full', message: 'Full', details },
    ]);
    expect(sent(refuse(flat, 'unauthorized', 'No'))[0]).not.toHaveProperty('details');
  });

  it('AP4: are nested, with codes in upper case, for the original app', () => {
    expect(sent(refuse({ form: 'nested', at: NOW }, 'already_joined', 'Again'))).toEqual([
      { type: 'ERROR', timestamp: NOW, payload: { code: 'ALREADY_JOINED', message: 'Again' } },
    ]);
  });

  it('FM5: every boundary error has a code of this dialect, and faults of ours say nothing of themselves', () => {
    for (const code of Object.keys(boundaryCodes)) {
      if (!isErrorCode(code)) throw new Error(code);
      const [told] = sent(refuseError(flat, { code, message: 'secret' }));
      const isKnown: unknown = expect.toSatisfy((one: unknown) => errorCodes.some((known) => known === one));
      expect(told).toMatchObject({ code: isKnown });
      if (code === 'internal') expect(told).toMatchObject({ message: 'Internal error' });
    }
  });

  it.each([
    ['revoked', 1008],
    ['login_timeout', 1008],
    ['idle', 1001],
    ['bad_input', 1008],
    ['binary_refused', 1008],
    ['too_large', 1009],
    ['slow', 1013],
    ['flooding', 1008],
    ['shutdown', 1001],
    ['rebalance', 1001],
    ['disconnected', 1008],
    ['internal', 1011],
  ] as const)('FM6: %s closes with %i', (reason, code) => {
    expect(ending(flat, reason).at(-1)).toMatchObject({ kind: 'close', code });
  });
});
