import type { CollaborativeClient, ConnectionStatus, ParleyError } from '@parley/client';

export interface ClientSnapshot {
  readonly status: ConnectionStatus;
  /** Why there is no connection or no room, until there is one. */
  readonly error: ParleyError | undefined;
}

const IDLE: ClientSnapshot = { status: { state: 'idle' }, error: undefined };

/** A client's state in the shape that `useSyncExternalStore` wants. It listens only while somebody looks. */
export class ClientStore {
  private shown: ClientSnapshot = IDLE;
  private lost: ParleyError | undefined;

  constructor(readonly client: CollaborativeClient) {}

  readonly subscribe = (changed: () => void): (() => void) => {
    const refresh = (): void => {
      if (this.refresh()) changed();
    };
    const stops = [
      this.client.on('status', refresh),
      this.client.on('roomLost', (_room, error) => {
        this.lost = error;
        refresh();
      }),
      this.client.on('rooms', (current) => {
        if (current !== undefined) this.lost = undefined;
        refresh();
      }),
    ];
    refresh();
    return () => {
      for (const stop of stops) stop();
    };
  };

  readonly snapshot = (): ClientSnapshot => this.shown;

  /** A server never connects. */
  readonly serverSnapshot = (): ClientSnapshot => IDLE;

  private refresh(): boolean {
    const { status } = this.client;
    const error = 'error' in status ? status.error : this.lost;
    if (status === this.shown.status && error === this.shown.error) return false;
    this.shown = { status, error };
    return true;
  }
}
