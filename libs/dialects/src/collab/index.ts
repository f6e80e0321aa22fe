import type { Compression, Dialect } from '../dialect.js';
import { collabEncoders } from './encode.js';
import { endpoints } from './handshake.js';
import { keepAlive } from './keepalive.js';
import { observes, open } from './session.js';
import { version } from './version.js';
import { wire } from './wire.js';

/** As the document configures it. */
const compression: Compression = { threshold: 1_024, level: 1, memLevel: 8, concurrency: 10 };

export const collab = {
  name: 'collab',
  version,
  wire,
  endpoints,
  keepAlive,
  encoders: collabEncoders,
  observes,
  compression,
  open,
} satisfies Dialect;
