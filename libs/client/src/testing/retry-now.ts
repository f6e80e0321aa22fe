import { waitFor } from '@parley/testing';
import type { ConnectionStatus } from '../transport/connection-status.js';
import type { ManualTimers } from './manual-timers.js';

/** Waits until the client waits to come back, and lets that time pass: no more, or other deadlines would pass too. */
export async function retryNow(client: { readonly status: ConnectionStatus }, timers: ManualTimers): Promise<void> {
  const { retryInMs } = await waitFor(
    () => (client.status.state === 'waiting' ? client.status : undefined),
    'the client to wait for its next attempt',
  );
  timers.advance(retryInMs);
}
