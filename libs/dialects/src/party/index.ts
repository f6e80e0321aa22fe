import type { Dialect } from '../dialect.js';
import { partyEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

export const party = {
  name: 'party',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: partyEncoders,
  observes,
  open,
} satisfies Dialect;
