import { lazy, Suspense, type ReactNode } from 'react';
import { Loading } from '../ui/states.js';
import type { WireDrawerProps } from './wire-props.js';

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
