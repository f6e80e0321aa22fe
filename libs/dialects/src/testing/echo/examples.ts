import type { Examples } from '../../wire.js';

/** `npm run docs` makes them from the golden transcripts, for dialects that have some. */
export const examples: Examples = { 'up say': ['{"type":"say","text":"Hello"}'] };
