export { runService } from './run-service.js';
export { addressKey } from './address-key.js';
export { commonOptions, databaseOptions, type CommonOptions, type DatabaseSettings } from './common-options.js';
export type { OpenDatabaseOptions, Running, ServiceContext, ServiceDefinition } from './definition.js';
export { NestLogger } from './nest-logger.js';
export { startNest } from './nest.js';
export { Readiness, type ReadyCheck } from './readiness.js';
export { serveSharded, shardHandler, type ShardedParts, type ShardHandler } from './sharded.js';
