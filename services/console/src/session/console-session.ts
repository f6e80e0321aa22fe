import type { ConnectionConfig, WebSocketConstructor } from '@parley/client';

export interface ConsoleUser {
  readonly id: string;
  readonly username: string;
}

/** Says whether a value has the shape; the client's own checks fit. */
export type Check<T> = (value: unknown) => value is T;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who is signed in, and how rooms reach the cluster: nothing in a room connects or fetches by other means. */
export interface ConsoleSession {
  readonly user: ConsoleUser;
  /** http origin of the gateway in use; it changes when the person moves to another. */
  readonly origin: string;
  /** Where a dialect's socket is, on the gateway in use when it is called. The same function for the same path. */
  readonly urlOf: (path: string) => () => string;
  /** The SDK's token provider: the access token, renewed when it is about to expire. */
  readonly token: () => Promise<string>;
  /** Its frames are shown in the wire drawer, and the switch can cut it. */
  readonly WebSocket: WebSocketConstructor;
  /** Fails when the connection is cut; the REST clients of the SDK take it. */
  readonly fetch: typeof globalThis.fetch;
  /** Everything that a client of the SDK takes: `new TopicsClient(session.connection('/ws/topics'))`. */
  readonly connection: (path: string) => ConnectionConfig;
  /**
   * REST with the access token. Rejects with a `ParleyError` that has the server's text. For answers without a body, `check`
   * is `isNothing`.
   */
  readonly rest: <T>(method: Method, path: string, check: Check<T>, body?: unknown) => Promise<T>;
}

export const isNothing: Check<unknown> = (value): value is unknown => value === value;
