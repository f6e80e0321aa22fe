import type { WireDialect } from './wire-frame.js';
import type { WireLog } from './wire-log.js';

export interface WireDrawerProps {
  readonly log: WireLog;
  /** Of the room that is open: what is shown first. */
  readonly dialect: WireDialect | undefined;
  readonly onClose: () => void;
}
