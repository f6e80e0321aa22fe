import type { Transaction } from 'kysely';
import type { VoiceTables } from './voice.tables.js';
import type { WatchTables } from './watch/watch.tables.js';

/** Everything in the service's schema but what outbox and leases have of their own. */
export interface SignalingTables extends VoiceTables, WatchTables {}

export type SignalingTransaction = Transaction<SignalingTables>;
