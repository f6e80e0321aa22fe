import { chat } from './chat/suite.js';
import { collab } from './collab/suite.js';
import { party } from './party/suite.js';
import type { Suite } from './scenario.js';
import { topics } from './topics/suite.js';
import { watch } from './watch/suite.js';

/** The one list of what can be tested. */
export const suites: readonly Suite[] = [topics, chat, collab, party, watch];
