/** The part of a pino logger that the bus needs. */
export interface BusLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * What a stream keeps. Limits are only ever raised by a start-up: of what the stream has and what is asked for, the
 * larger one holds. Lower them with the `nats` tool.
 */
export interface StreamLimits {
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
  readonly maxPerSubject?: number;
}

export interface ConnectBusOptions {
  /** One URL, or several separated by commas. */
  readonly servers: string;
  /** Seen in the monitoring pages of nats-server. */
  readonly name: string;
  readonly logger: BusLogger;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Default 10,000: for the first connection and the streams together. */
  readonly connectDeadlineMs?: number;
  /** Copies of each stream in a cluster of NATS servers, default 1. */
  readonly replicas?: number;
  readonly events?: StreamLimits;
  readonly topics?: StreamLimits;
  /** Default 5,000: how long `publish` tries, restarts of NATS included. */
  readonly publishDeadlineMs?: number;
  /** Calls under way at once, default 10,000. */
  readonly maxCalls?: number;
  /** Publications that wait for their acknowledgement at once, default 10,000. */
  readonly maxPublications?: number;
  /** Default 50: how long the gateways' receipts are waited for, where the caller says nothing else. */
  readonly receiptsMs?: number;
  /** A round trip slower than this (ms, default 2,000) counts as a lagging connection: a fault until it is over. */
  readonly lagLimitMs?: number;
  /** For tests; 6,000 in life. Holders renew every third of it. */
  readonly leaseTtlMs?: number;
}

export const defaults = {
  connectDeadlineMs: 10_000,
  publishDeadlineMs: 5_000,
  maxCalls: 10_000,
  maxPublications: 10_000,
  receiptsMs: 50,
  lagLimitMs: 2_000,
  leaseTtlMs: 6_000,
} as const;
