import type { Suite } from '../scenario.js';
import { transcriptsOf } from '../transcript.js';
import { endings } from './endings.js';
import { handshake } from './handshake.js';
import { keepalive } from './keepalive.js';
import { malformed } from './malformed.js';
import { permissions } from './permissions.js';
import { presence } from './presence.js';
import { signalling } from './signalling.js';
import { untestable } from './untestable.js';
import { watching } from './watching.js';

export const watch: Suite = {
  dialect: 'watch',
  scenarios: [
    ...[...handshake, ...watching, ...permissions, ...signalling, ...endings, ...presence, ...keepalive, ...malformed],
    ...transcriptsOf('watch'),
  ],
  untestable,
  background: () => false,
};
