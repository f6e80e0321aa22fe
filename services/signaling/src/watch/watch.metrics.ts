import { counter, observe } from '@parley/telemetry';

/** Results: `ready`, `offline`, or the code of the refusal. */
export const requests = counter('parley.watch.requests', {
  unit: '{request}',
  description: 'Requests to watch a device, by result.',
});
export const ended = counter('parley.watch.ended', {
  unit: '{session}',
  description: 'Watch sessions that ended, by reason.',
});
/** Outcomes: `relayed`, `held`, or the code of the refusal. */
export const watchSignals = counter('parley.watch.signals', {
  unit: '{signal}',
  description: 'Signals between devices and viewers, by outcome.',
});
/** Results: `known`, or the code of the refusal. */
export const authentications = counter('parley.watch.device.authentications', {
  unit: '{attempt}',
  description: 'Devices that said who they are, by result.',
});
/** Noticed by: `gateway` (said so), `gateway_lost`, `roll_call`. */
export const partiesLost = counter('parley.watch.parties.lost', {
  unit: '{connection}',
  description: 'Connections of devices, and of viewers in a session, that are gone, by how it was noticed.',
});

/** Of this replica's shards: the sum over the replicas is the cluster's. */
export class WatchPopulation {
  #now = { sessions: 0, devices: 0 };
  readonly #gauges = [
    observe(
      'parley.watch.sessions',
      { unit: '{session}', description: 'Watch sessions that go on, of the shards of this replica.' },
      () => this.#now.sessions,
    ),
    observe(
      'parley.watch.devices',
      { unit: '{device}', description: 'Devices that are connected, of the shards of this replica.' },
      () => this.#now.devices,
    ),
  ];

  set(now: { readonly sessions: number; readonly devices: number }): void {
    this.#now = now;
  }

  stop(): void {
    for (const gauge of this.#gauges) gauge.stop();
  }
}
