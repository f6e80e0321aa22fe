import { at } from '../match.js';
import type { Suite } from '../scenario.js';
import { transcriptsOf } from '../transcript.js';
import { errors } from './errors.js';
import { handshake } from './handshake.js';
import { keepalive } from './keepalive.js';
import { limits } from './limits.js';
import { login } from './login.js';
import { messages } from './messages.js';
import { presence } from './presence.js';
import { recovery } from './recovery.js';
import { servers } from './servers.js';
import { together } from './together.js';
import { untestable } from './untestable.js';
import { voice } from './voice.js';

export const chat: Suite = {
  dialect: 'chat',
  scenarios: [
    ...handshake,
    ...login,
    ...keepalive,
    ...messages,
    ...presence,
    ...servers,
    ...voice,
    ...recovery,
    ...errors,
    ...limits,
    ...together,
    ...transcriptsOf('chat'),
  ],
  untestable,
  // Who shares a server comes and goes at any time; scenarios about that look at everything.
  background: (message) => at(message, 't') === 'PRESENCE_UPDATE',
};
