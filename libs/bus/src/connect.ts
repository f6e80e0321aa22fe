import { setTimeout } from 'node:timers/promises';
import {
  connect,
  AuthorizationError,
  UserAuthenticationExpiredError,
  type NatsConnection,
} from '@nats-io/transport-node';
import { defaults, type ConnectBusOptions } from './options.js';

const DIAL_MS = 3_000;
const PING_MS = 5_000;
const MISSED_PINGS = 2;

/** The first connection: tried until the deadline, except where trying again cannot help. Throws one clear line. */
export async function connectToNats(options: ConnectBusOptions): Promise<NatsConnection> {
  const deadlineMs = options.connectDeadlineMs ?? defaults.connectDeadlineMs;
  const deadlineAt = performance.now() + deadlineMs;
  for (;;) {
    const left = deadlineAt - performance.now();
    try {
      return await dial(options, Math.max(50, Math.min(DIAL_MS, left)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isRefused(error)) throw new Error(`NATS at ${shown(options.servers)} refuses the login: ${reason}`);
      if (performance.now() + reconnectDelay() >= deadlineAt) {
        throw new Error(
          `NATS at ${shown(options.servers)} cannot be reached within ${String(deadlineMs)} ms: ${reason}`,
        );
      }
    }
    // Held by a timer that keeps the process alive: at the start this wait may be all that it does.
    await setTimeout(reconnectDelay());
  }
}

function dial(options: ConnectBusOptions, timeout: number): Promise<NatsConnection> {
  return connect({
    servers: options.servers.split(',').map((server) => server.trim()),
    name: options.name,
    timeout,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.password === undefined ? {} : { pass: options.password }),
    ...(options.token === undefined ? {} : { token: options.token }),
    maxReconnectAttempts: -1,
    // A login that is refused twice in a row may be right after the next reload; only the first connection gives up.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: reconnectDelay,
    pingInterval: PING_MS,
    maxPingOut: MISSED_PINGS,
    noAsyncTraces: true,
  });
}

function reconnectDelay(): number {
  return 100 + Math.random() * 400;
}

function isRefused(error: unknown): boolean {
  return error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
}

/** Without a password that may stand in the URL. */
function shown(servers: string): string {
  return servers.replaceAll(/\/\/[^@/,]*@/g, '//');
}
