export * from './canonical.js';
export * from './client-document.js';
export * from './document-type.js';
export * from './replica.js';
export * from './server-document.js';
