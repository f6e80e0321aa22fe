import { isRecord } from '../session/json.js';
import type { Check } from '../session/console-session.js';

/** As the server API writes them; times are ms since 1970. */
export interface Connection {
  readonly connection_id: string;
  readonly gateway_id: string;
  readonly user_id: string;
  readonly dialect: string;
  readonly address: string;
  readonly connected_at: number;
}

export interface ConnectionPage {
  readonly connections: readonly Connection[];
  /** That fit the filter, whatever the page. */
  readonly total: number;
}

export interface TrailEntry {
  readonly at: number;
  readonly what: string;
  readonly gateway_id: string;
  readonly connection_id: string;
  readonly dialect: string;
  readonly address: string | undefined;
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly moved_from: string | undefined;
}

export interface Trail {
  readonly entries: readonly TrailEntry[];
  /** Gateways that did not answer. */
  readonly unheard: readonly string[];
}

export interface DialectTraffic {
  readonly dialect: string;
  readonly connections: number;
  readonly frames_received: number;
  readonly frames_sent: number;
  readonly deliveries: number;
}

export interface GatewayStats {
  readonly gateway_id: string;
  readonly started_at: number;
  readonly draining: boolean;
  readonly connections: number;
  readonly traffic: { readonly at: number; readonly dialects: readonly DialectTraffic[] } | undefined;
}

export interface Stats {
  readonly gateways: readonly GatewayStats[];
  readonly connections: number;
}

type Kind = 'string' | 'number' | 'boolean';

function has(
  value: unknown,
  fields: Readonly<Record<string, Kind>>,
  maybe: Readonly<Record<string, Kind>> = {},
): boolean {
  if (!isRecord(value)) return false;
  const fits = ([name, kind]: readonly [string, Kind]): boolean => typeof value[name] === kind;
  return (
    Object.entries(fields).every(fits) &&
    Object.entries(maybe).every(([name, kind]) => value[name] === undefined || fits([name, kind]))
  );
}

function areAll(value: unknown, fits: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

const isConnection = (value: unknown): boolean =>
  has(value, {
    connection_id: 'string',
    gateway_id: 'string',
    user_id: 'string',
    dialect: 'string',
    address: 'string',
    connected_at: 'number',
  });

export const isConnectionPage: Check<ConnectionPage> = (value): value is ConnectionPage =>
  isRecord(value) && areAll(value['connections'], isConnection) && typeof value['total'] === 'number';

const isEntry = (value: unknown): boolean =>
  has(
    value,
    { at: 'number', what: 'string', gateway_id: 'string', connection_id: 'string', dialect: 'string' },
    { address: 'string', code: 'number', reason: 'string', moved_from: 'string' },
  );

export const isTrail: Check<Trail> = (value): value is Trail =>
  isRecord(value) && areAll(value['entries'], isEntry) && areAll(value['unheard'], (one) => typeof one === 'string');

const isDialect = (value: unknown): boolean =>
  has(value, {
    dialect: 'string',
    connections: 'number',
    frames_received: 'number',
    frames_sent: 'number',
    deliveries: 'number',
  });

function isTraffic(value: unknown): boolean {
  if (value === undefined) return true;
  return isRecord(value) && typeof value['at'] === 'number' && areAll(value['dialects'], isDialect);
}

const isGateway = (value: unknown): boolean =>
  has(value, { gateway_id: 'string', started_at: 'number', draining: 'boolean', connections: 'number' }) &&
  isRecord(value) &&
  isTraffic(value['traffic']);

export const isStats: Check<Stats> = (value): value is Stats =>
  isRecord(value) && areAll(value['gateways'], isGateway) && typeof value['connections'] === 'number';
