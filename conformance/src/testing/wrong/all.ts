import { chat } from '../../chat/suite.js';
import { collab } from '../../collab/suite.js';
import { party } from '../../party/suite.js';
import type { Suite } from '../../scenario.js';
import { topics } from '../../topics/suite.js';
import { watch } from '../../watch/suite.js';
import { chatFaults } from './chat.js';
import { collabFaults } from './collab.js';
import type { MakeFault } from './fault.js';
import { partyFaults } from './party.js';
import { topicsFaults } from './topics.js';
import { watchFaults } from './watch.js';

export interface WrongDialect {
  readonly suite: Suite;
  /** How each rule can be broken; with the untestable ones, all of them. */
  readonly faults: Readonly<Record<string, MakeFault>>;
}

export const wrongDialects: readonly WrongDialect[] = [
  { suite: topics, faults: topicsFaults },
  { suite: chat, faults: chatFaults },
  { suite: collab, faults: collabFaults },
  { suite: party, faults: partyFaults },
  { suite: watch, faults: watchFaults },
];
