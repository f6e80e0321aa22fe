import {
  newConnectionId,
  newLoginId,
  newUserId,
  notificationSent,
  NOTIFICATION_ALL,
  ok,
  fail,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { textFrame, type Frame } from '../../frame.js';
import { Harness } from '../harness.js';
import { endpoints } from './handshake.js';
import { echo } from './index.js';

const login = { userId: newUserId(), loginId: newLoginId(), username: 'alice', expiresAt: 2_000_000_000_000 };

function fresh(): Harness {
  return new Harness(echo, { connectionId: newConnectionId() });
}

function said(harness: Harness): readonly unknown[] {
  return harness.log.flatMap((one) => (one.kind === 'frame' ? [parsed(one.frame)] : []));
}

function parsed({ data }: Frame): unknown {
  const value: unknown = JSON.parse(String(data));
  return value;
}

describe('echo', () => {
  it('HS1: has one path everywhere', () => {
    expect(endpoints).toEqual([{ path: '/ws/echo' }]);
  });

  it.each([undefined, fail('unauthenticated', 'expired')])('HS2: is closed without a good token', async (token) => {
    const harness = fresh();
    await harness.open(token);
    expect(harness.log).toContainEqual({ kind: 'close', code: 1008, reason: 'unauthorized' });
    expect(said(harness)).toEqual([]);
  });

  it('HS3, MS1: says hello, and back what it is told', async () => {
    const harness = fresh();
    await harness.open(ok(login));
    await harness.receive(textFrame('{"type":"say","text":"Hello"}'));
    expect(said(harness)).toEqual([
      { type: 'hello', name: 'alice' },
      { type: 'said', text: 'Hello' },
    ]);
  });

  it('MS2: names what does not fit', async () => {
    const harness = fresh();
    await harness.open(ok(login));
    await harness.receive(textFrame('{"type":"say","text":5}'));
    expect(said(harness)[1]).toMatchObject({ type: 'refused', field: 'text' });
    expect(harness.log).toContainEqual({ kind: 'strike' });
  });

  it('MS3: listens to what everyone is notified of', async () => {
    const harness = fresh();
    await harness.open(ok(login));
    const joined = harness.log.flatMap((one) => (one.kind === 'join' ? one.requests : []));
    expect(joined).toEqual([{ subject: notificationSent.subject(NOTIFICATION_ALL) }]);
    expect([...echo.encoders.keys()]).toEqual([notificationSent.kind]);
  });
});
