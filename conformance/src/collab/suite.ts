import type { Suite } from '../scenario.js';
import { transcriptsOf } from '../transcript.js';
import { batch } from './batch.js';
import { binary } from './binary.js';
import { compression } from './compression.js';
import { debouncing } from './debouncing.js';
import { errors } from './errors.js';
import { exactlyOnce } from './exactly-once.js';
import { handshake } from './handshake.js';
import { keepalive } from './keepalive.js';
import { limits } from './limits.js';
import { login } from './login.js';
import { malformed } from './malformed.js';
import { operations } from './operations.js';
import { presence } from './presence.js';
import { resume } from './resume.js';
import { rooms } from './rooms.js';
import { untestable } from './untestable.js';

export const collab: Suite = {
  dialect: 'collab',
  scenarios: [
    ...handshake,
    ...login,
    ...keepalive,
    ...rooms,
    ...operations,
    ...exactlyOnce,
    ...resume,
    ...presence,
    ...debouncing,
    ...binary,
    ...batch,
    ...compression,
    ...malformed,
    ...errors,
    ...limits,
    ...transcriptsOf('collab'),
  ],
  untestable,
  background: () => false,
};
