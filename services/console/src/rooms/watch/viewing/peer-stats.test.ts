import { expect, test } from 'vitest';
import { StatsReader } from './peer-stats.js';

function connection(...readings: readonly (readonly object[])[]) {
  const left = [...readings];
  return {
    getStats: () => {
      const reports = left.shift() ?? [];
      return Promise.resolve(new Map(reports.map((one) => [String(Reflect.get(one, 'id')), one])));
    },
  };
}

const video = { id: 'v', type: 'inbound-rtp', kind: 'video', framesDecoded: 30, frameWidth: 640, frameHeight: 360 };
const path = [
  { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
  { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r', currentRoundTripTime: 0.0124 },
  { id: 'l', type: 'local-candidate', candidateType: 'host' },
];

test('frames, size, and a rate from the second reading on', async () => {
  const reader = new StatsReader(
    connection(
      [{ ...video, bytesReceived: 1_000, timestamp: 0 }],
      [{ ...video, bytesReceived: 126_000, timestamp: 1_000 }],
    ),
  );
  expect(await reader.read()).toMatchObject({ frames: 30, size: '640×360', kilobitsPerSecond: undefined });
  expect((await reader.read()).kilobitsPerSecond).toBe(1_000);
});

test.each([
  ['host', 'srflx', 'direct'],
  ['host', 'relay', 'relayed'],
])('to a %s candidate from a %s one it is %s', async (_here, there, how) => {
  const remote = { id: 'r', type: 'remote-candidate', candidateType: there };
  expect(await new StatsReader(connection([...path, remote])).read()).toMatchObject({ path: how, roundTripMs: 12 });
});

test('before anything is known, nothing is said', async () => {
  expect(await new StatsReader(connection([])).read()).toEqual({
    frames: 0,
    framesPerSecond: undefined,
    size: undefined,
    kilobitsPerSecond: undefined,
    roundTripMs: undefined,
    path: undefined,
  });
});
