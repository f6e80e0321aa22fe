import { counter, observe } from '@parley/telemetry';

export const opened = counter('parley.session.opened', { unit: '{session}', description: 'Parties made.' });
/** Reasons: `host` (left, or ordered it), `account` (whoever made it), `host_gone`, `idle`. */
export type CloseCause = 'host' | 'account' | 'host_gone' | 'idle';
export const closed = counter('parley.session.closed', {
  unit: '{session}',
  description: 'Parties closed, by reason.',
});
/** Results: `entered`, `returned`, `full`, `already_joined`, or the code of the refusal. */
export const joins = counter('parley.session.joins', {
  unit: '{request}',
  description: 'Requests to join a party, by result.',
});
export const membersLeft = counter('parley.session.members.left', {
  unit: '{member}',
  description: 'Members who are no longer in a party that goes on, by reason.',
});
export const connectionsLost = counter('parley.session.connections.lost', {
  unit: '{connection}',
  description: 'Connections of members that ended without a word, by how it was noticed.',
});

/** Parties and places taken among this replica's shards: the sum over the replicas is the cluster's. */
export class Population {
  #now = { sessions: 0, members: 0 };
  readonly #gauges = [
    observe(
      'parley.session.open',
      { unit: '{session}', description: 'Open parties, of the shards of this replica.' },
      () => this.#now.sessions,
    ),
    observe(
      'parley.session.members',
      { unit: '{member}', description: 'Places taken in parties, of the shards of this replica.' },
      () => this.#now.members,
    ),
  ];

  set(now: { readonly sessions: number; readonly members: number }): void {
    this.#now = now;
  }

  stop(): void {
    for (const gauge of this.#gauges) gauge.stop();
  }
}
