export * from './child.js';
export * from './free-port.js';
export * from './fresh-database.js';
export * from './nats.js';
export * from './postgres.js';
export * from './random.js';
export { makeFolder, removeFolder } from './reaper.js';
export * from './wait-for.js';
