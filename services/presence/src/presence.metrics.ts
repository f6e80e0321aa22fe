import { counter, observe } from '@parley/telemetry';

export const openedConnections = counter('parley.presence.connections.opened', {
  unit: '{connection}',
  description: 'Connections that gateways reported as opened and that were counted, by dialect.',
});
export const closedConnections = counter('parley.presence.connections.closed', {
  unit: '{connection}',
  description: 'Connections that gateways reported as closed.',
});
export const refusedConnections = counter('parley.presence.connections.refused', {
  unit: '{connection}',
  description: 'Connections refused because their user has too many.',
});
export const clearedConnections = counter('parley.presence.connections.cleared', {
  unit: '{connection}',
  description: 'Connections closed because their gateway was gone.',
});
export const announced = counter('parley.presence.announced', {
  unit: '{event}',
  description: 'Changes of what others see of a user, by the new status.',
});

/** What is open now among the users of this replica's shards: the sum over the replicas is the cluster's. */
export class Population {
  #connections = 0;
  #online = 0;

  constructor() {
    observe(
      'parley.presence.connections',
      { unit: '{connection}', description: 'Open connections of the users of this replica.' },
      () => this.#connections,
    );
    observe(
      'parley.presence.users.online',
      { unit: '{user}', description: 'Users of this replica who are seen as not offline.' },
      () => this.#online,
    );
  }

  set(connections: number, online: number): void {
    this.#connections = connections;
    this.#online = online;
  }
}
