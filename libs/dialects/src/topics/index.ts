import type { Dialect } from '../dialect.js';
import { topicsEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

export const topics = {
  name: 'topics',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: topicsEncoders,
  observes,
  open,
} satisfies Dialect;
