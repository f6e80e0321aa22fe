export * from './command.js';
export * from './dialect.js';
export * from './frame.js';
