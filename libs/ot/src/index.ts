export * from './canonical.js';
export * from './client-document.js';
export * from './document-type.js';
export * from './server-document.js';
