import type { Dialect } from '../dialect.js';
import { watchEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

export const watch = {
  name: 'watch',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: watchEncoders,
  observes,
  open,
} satisfies Dialect;
