export * from './bus.js';
export { connectBus } from './connect-bus.js';
export type { BusLogger, ConnectBusOptions, StreamLimits } from './options.js';
