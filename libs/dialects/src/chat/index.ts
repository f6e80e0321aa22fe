import type { Dialect } from '../dialect.js';
import { chatEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { routes } from './routes.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

export const chat = {
  name: 'chat',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: chatEncoders,
  observes,
  routes,
  open,
} satisfies Dialect;
