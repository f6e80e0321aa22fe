export * from './all.js';
export * from './command.js';
export * from './depth.js';
export * from './dialect.js';
export * from './frame.js';
export * from './raw-json.js';
export * from './sparse.js';
export * from './token-bucket.js';
