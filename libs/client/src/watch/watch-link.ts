import { Connection, type Sent } from '../transport/connection.js';
import type { ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { frameOf } from '../transport/frame-size.js';
import { ParleyError } from '../transport/parley-error.js';
import { endpointUrl } from '../transport/websocket.js';
import { errorOf, toldBy, type Told } from './watch-messages.js';

/** Where and as whom. */
export interface Role {
  readonly path: '/ws/device' | '/ws/viewer';
  /** The payload of the hello. */
  hello(token: string): object;
  /** Whether what it shows there expires. */
  readonly renews: boolean;
}

export interface LinkEvents {
  moved(status: ConnectionStatus): void;
  received(told: Exclude<Told, { readonly type: 'error' }>): void;
  /** `about`: the id that the message had which was refused. */
  refused(error: ParleyError, about: string | undefined): void;
}

export type Signal = 'offer' | 'answer' | 'ice';

/** As the document has it; servers give up who is silent for 90 s. */
const HEARTBEAT_MS = 30_000;

/** The dialect's messages over a connection, for devices and viewers. */
export class WatchLink {
  readonly connection: Connection;

  constructor(
    config: ConnectionConfig,
    role: Role,
    private readonly events: LinkEvents,
  ) {
    this.connection = new Connection(
      { ...config, heartbeat: { intervalMs: HEARTBEAT_MS, ...config.heartbeat } },
      {
        endpoint: () => ({ url: endpointUrl(config.url, role.path).href, protocols: [] }),
        greeting: (token) => messageOf('hello', role.hello(token)),
        heartbeat: () => messageOf('heartbeat', {}),
        ...(role.renews ? { renewal: (token: string) => messageOf('auth', { token }) } : {}),
        received: (frame) => {
          const told = typeof frame === 'string' ? toldBy(frame) : undefined;
          if (told?.type === 'error') this.refused(errorOf(told.payload), told.requestId);
          else if (told !== undefined) this.take(told);
        },
        moved: (status) => events.moved(status),
      },
    );
  }

  say(type: string, payload: object, id?: string): Sent {
    return this.connection.send(messageOf(type, payload, id));
  }

  /** What is refused of it comes back under the session's id. */
  signal(sessionId: string, signal: Signal, body: unknown): void {
    const payload = { session_id: sessionId, [signal === 'ice' ? 'candidate' : 'sdp']: body };
    this.say(`signal_${signal}`, payload, sessionId);
  }

  private take(told: Exclude<Told, { readonly type: 'error' }>): void {
    this.events.received(told);
    if (told.type === 'hello_ack') this.connection.established();
  }

  private refused(error: ParleyError, about: string | undefined): void {
    // Before the welcome the same word means: who are you?
    const who = error.code === 'forbidden' && !this.connection.ready;
    const reason = who ? new ParleyError('unauthorized', error.message) : error;
    // A close may follow, for this reason.
    if (about === undefined) this.connection.heardWhy(reason);
    this.events.refused(reason, about);
  }
}

export function messageOf(type: string, payload: object, id?: string): string {
  const ts = new Date().toISOString();
  return frameOf({ type, ...(id === undefined ? {} : { request_id: id }), ts, payload });
}
