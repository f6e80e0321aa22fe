import type { Suite } from '../scenario.js';
import { transcriptsOf } from '../transcript.js';
import { handshake } from './handshake.js';
import { inside } from './inside.js';
import { joining } from './joining.js';
import { loundsync } from './loundsync.js';
import { malformed } from './malformed.js';
import { untestable } from './untestable.js';

export const party: Suite = {
  dialect: 'party',
  scenarios: [...handshake, ...joining, ...inside, ...malformed, ...loundsync, ...transcriptsOf('party')],
  untestable,
  background: () => false,
};
