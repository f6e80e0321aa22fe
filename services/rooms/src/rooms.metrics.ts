import { counter, histogram, observe } from '@parley/telemetry';

export const submitted = counter('parley.rooms.operations', {
  unit: '{operation}',
  description: 'Operations by result: accepted, repeated, version_mismatch, checksum_failed, or the error.',
});

export const commits = counter('parley.rooms.commits', {
  unit: '{transaction}',
  description: 'Transactions that wrote operations. One can hold operations of many documents.',
});

export const batchSize = histogram('parley.rooms.batch', {
  unit: '{operation}',
  description: 'Operations that were committed together.',
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500],
});

export const commitSeconds = histogram('parley.rooms.commit', {
  unit: 's',
  description: 'Time from the staging of a batch to its commit.',
});

export const setbacks = counter('parley.rooms.setbacks', {
  unit: '{document}',
  description: 'Documents whose batch was not committed as it was staged, by reason.',
});

export const gaps = counter('parley.rooms.gaps', {
  unit: '{event}',
  description:
    'Events with operations that were not announced, because others before them had not been. Should stay 0.',
});

export const snapshots = counter('parley.rooms.snapshots', {
  unit: '{snapshot}',
  description: 'Snapshots of documents written.',
});

export const loads = counter('parley.rooms.loads', {
  unit: '{document}',
  description: 'Documents read into memory.',
});

export const pruned = counter('parley.rooms.pruned', {
  unit: '{operation}',
  description: 'Operations removed from the log by its rule.',
});

export const joins = counter('parley.rooms.joins', {
  unit: '{join}',
  description: 'Joins by result: operations or content (what the client got), or the error.',
});

/** What a replica holds in memory now. */
export interface Held {
  rooms(): number;
  documents(): number;
  bytes(): number;
  participants(): number;
  unannounced(): number;
}

export function watchHeld(held: Held): { stop(): void } {
  // There at zero before anything is counted: an increase from nothing at all is none to who asks for increases.
  for (const rare of [gaps, snapshots, loads, pruned]) rare.add(0);
  setbacks.add(0, { reason: 'conflict' });
  const gauges = [
    observe('parley.rooms.documents', { unit: '{document}', description: 'Documents in memory of this replica.' }, () =>
      held.documents(),
    ),
    observe(
      'parley.rooms.documents.size',
      { unit: 'By', description: 'About how much JSON the documents in memory of this replica are.' },
      () => held.bytes(),
    ),
    observe(
      'parley.rooms.participants',
      { unit: '{connection}', description: 'Connections in rooms, of the shards of this replica.' },
      () => held.participants(),
    ),
    observe(
      'parley.rooms.open',
      { unit: '{room}', description: 'Rooms in memory of this replica, with or without their document.' },
      () => held.rooms(),
    ),
    observe(
      'parley.rooms.unannounced',
      { unit: 'By', description: 'Committed operations that the bus has not acknowledged yet.' },
      () => held.unannounced(),
    ),
  ];
  return {
    stop: () => {
      for (const gauge of gauges) gauge.stop();
    },
  };
}
