import { at } from '../match.js';
import type { Suite } from '../scenario.js';
import { transcriptsOf } from '../transcript.js';
import { authRenewal } from './auth-renewal.js';
import { batch } from './batch.js';
import { binary } from './binary.js';
import { broadcast } from './broadcast.js';
import { directMessage } from './direct-message.js';
import { errors } from './errors.js';
import { extension } from './extension.js';
import { handshake } from './handshake.js';
import { history } from './history.js';
import { idempotency } from './idempotency.js';
import { keepalive } from './keepalive.js';
import { limits } from './limits.js';
import { notification } from './notification.js';
import { permissions } from './permissions.js';
import { presence } from './presence.js';
import { subscribe } from './subscribe.js';
import { untestable } from './untestable.js';

export const topics: Suite = {
  dialect: 'topics',
  scenarios: [
    ...handshake,
    ...authRenewal,
    ...keepalive,
    ...subscribe,
    ...broadcast,
    ...directMessage,
    ...presence,
    ...notification,
    ...binary,
    ...extension,
    ...batch,
    ...history,
    ...permissions,
    ...idempotency,
    ...errors,
    ...limits,
    ...transcriptsOf('topics'),
  ],
  untestable,
  background: (message) => background.has(at(message, 'type')),
};

/** Keep-alives, the warning of a token that ends soon, and what an operator tells everyone may come at any time. */
const background: ReadonlySet<unknown> = new Set(['Ping', 'AuthStatus', 'Notification']);
