export * from './document-type.js';
