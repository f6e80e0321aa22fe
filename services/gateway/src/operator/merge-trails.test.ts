import { newConnectionId, newGatewayId, newLoginId, type TrailEntry } from '@parley/contracts';
import { expect, test } from 'vitest';
import { mergeTrails } from './merge-trails.js';

const [near, far] = [newGatewayId(), newGatewayId()];
const loginId = newLoginId();

function entry(at: number, what: TrailEntry['what'], more: Partial<TrailEntry> = {}): TrailEntry {
  return { at, what, gatewayId: near, connectionId: newConnectionId(), loginId, dialect: 'chat', ...more };
}

test('entries of all gateways, newest first, and in the order in which things happen where the time is the same', () => {
  const merged = mergeTrails([entry(5, 'closed'), entry(5, 'logged_in'), entry(9, 'closed'), entry(5, 'connected')]);
  expect(merged.map(({ at, what }) => `${String(at)} ${what}`)).toEqual([
    '9 closed',
    '5 closed',
    '5 logged_in',
    '5 connected',
  ]);
});

test('who leaves one gateway and logs in on another has moved', () => {
  const merged = mergeTrails([entry(10, 'logged_in', { gatewayId: far }), entry(5, 'closed')]);
  expect(merged[0]).toMatchObject({ what: 'logged_in', gatewayId: far, movedFrom: near });
});

test.each<[string, TrailEntry]>([
  ['to the same gateway', entry(10, 'logged_in')],
  ['by another login', entry(10, 'logged_in', { gatewayId: far, loginId: newLoginId() })],
  ['in another dialect', entry(10, 'logged_in', { gatewayId: far, dialect: 'topics' })],
  ['after a long time', entry(400_000, 'logged_in', { gatewayId: far })],
])('who comes back %s has not', (_how, back) => {
  const [first] = mergeTrails([entry(5, 'closed'), back]);
  expect(first).toEqual(back);
});

test('one close is one move', () => {
  const merged = mergeTrails([
    entry(5, 'closed'),
    entry(10, 'logged_in', { gatewayId: far }),
    entry(11, 'logged_in', { gatewayId: far }),
  ]);
  expect(merged.map(({ movedFrom }) => movedFrom)).toEqual([undefined, near, undefined]);
});
