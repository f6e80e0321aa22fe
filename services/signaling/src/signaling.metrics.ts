import { counter, observe } from '@parley/telemetry';

export const joined = counter('parley.voice.joined', {
  unit: '{user}',
  description: 'Users who joined a voice channel, moves from another included.',
});
/** Reasons: `left`, `moved`, `absent` (no chat connection any more), `removed` (member, channel or server is gone). */
export type EndReason = 'left' | 'moved' | 'absent' | 'removed';
export const left = counter('parley.voice.left', {
  unit: '{user}',
  description: 'Users who are no longer in a voice channel, by reason.',
});
export const signals = counter('parley.voice.signals', {
  unit: '{signal}',
  description: 'Voice signals by outcome: `relayed` or the code of the refusal.',
});

/** Users in voice among this replica's shards: the sum over the replicas is the cluster's. */
export class Population {
  #users = 0;
  readonly #gauge = observe(
    'parley.voice.users',
    { unit: '{user}', description: 'Users in voice channels, of the shards of this replica.' },
    () => this.#users,
  );

  set(users: number): void {
    this.#users = users;
  }

  stop(): void {
    this.#gauge.stop();
  }
}
