import type { Dialect } from '../../dialect.js';
import { echoEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

export const echo = {
  name: 'echo',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: echoEncoders,
  observes,
  open,
} satisfies Dialect;
