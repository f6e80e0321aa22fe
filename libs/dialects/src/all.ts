import { chat } from './chat/index.js';
import { collab } from './collab/index.js';
import type { Dialect } from './dialect.js';
import { party } from './party/index.js';
import { topics } from './topics/index.js';
import { watch } from './watch/index.js';

/** Every dialect that Parley speaks; the only place where they are listed. */
export const dialects: readonly Dialect[] = [chat, topics, collab, watch, party];
