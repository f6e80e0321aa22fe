export * from './database.js';
export { attempt, isConnectionLoss, isUniqueViolation } from './failures.js';
export * from './lease-lost.js';
export type { DatabaseLog } from './log.js';
export { MigrationError } from './migration-files.js';
export * from './migrate.js';
export * from './outbox.js';
export type { OutboxEvent } from './outbox-table.js';
export { ShardLeases, type ShardLeasesOptions, type ShardOwner } from './shard-leases.js';
