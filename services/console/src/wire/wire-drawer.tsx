import { lazy, Suspense, type ReactNode } from 'react';
import { Loading } from '../ui/states.js';
import type { WireDialect } from './wire-frame.js';
import type { WireLog } from './wire-log.js';

export interface WireDrawerProps {
  readonly log: WireLog;
  /** Of the room that is open: what is shown first. */
  readonly dialect: WireDialect | undefined;
  readonly onClose: () => void;
}

const Contents = lazy(async () => ({ default: (await import('./wire-contents.js')).WireContents }));

/** Loaded when it is opened first: it brings the text of all rules. Frames are logged all the time. */
export function WireDrawer(props: WireDrawerProps): ReactNode {
  return (
    <aside className="wire" aria-label="Wire: raw frames">
      <Suspense fallback={<Loading label="Opening the wire" />}>
        <Contents {...props} />
      </Suspense>
    </aside>
  );
}
