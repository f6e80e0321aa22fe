import type { ConnectionStatus } from '@parley/client';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { announce } from '../../../ui/announcer.js';
import { Button } from '../../../ui/button.js';
import { Badge, type Tone } from '../../../ui/small.js';
import { Empty, ErrorNote } from '../../../ui/states.js';
import { Video } from '../video.js';
import { endWords } from './end-words.js';
import type { PeerStats } from './peer-stats.js';
import type { Watching, WatchingState } from './watching.js';

interface WatchCardProps {
  readonly watching: Watching;
  readonly signaling: ConnectionStatus;
  readonly onClose: () => void;
}

/** A device's picture, how it comes here, and why it ended. */
export function WatchCard({ watching, signaling, onClose }: WatchCardProps): ReactNode {
  const state = useSyncExternalStore(watching.state.subscribe, watching.state.get);
  const { name, deviceId } = watching.device;
  const { tone, text } = wordsFor(state);
  const ended = state.phase === 'ended';
  useEffect(() => {
    announce(`${name}: ${text}`);
  }, [name, text]);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a small screen it is far below the button that opened it.
    card.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <article ref={card} className="watch-card" aria-label={`Watching ${name}`} data-phase={state.phase}>
      <header className="watch-card-head">
        <strong className="anyhow">{name}</strong>
        <Badge tone={tone}>{text}</Badge>
        <span className="watch-card-end">
          {ended ? (
            <>
              <Button size="small" icon="refresh" onClick={() => watching.again()}>
                Watch again
              </Button>
              <Button size="small" variant="quiet" onClick={onClose}>
                Close
              </Button>
            </>
          ) : (
            <Button size="small" icon="close" onClick={() => watching.end()}>
              Stop watching
            </Button>
          )}
        </span>
      </header>
      {ended ? (
        <Ended state={state} />
      ) : (
        <>
          {signaling.state !== 'ready' && state.phase === 'connected' && (
            <p className="note note-warning">Signaling is away. The picture goes on, from browser to browser.</p>
          )}
          {state.error !== undefined && <ErrorNote error={state.error} />}
          <Video stream={state.stream} label={`The picture of ${name}`} />
          <Stats stats={state.stats} deviceId={deviceId} />
        </>
      )}
    </article>
  );
}

function Ended({ state }: { readonly state: WatchingState }): ReactNode {
  if (state.reason === undefined) return <ErrorNote title="You cannot watch it." error={state.error} />;
  return (
    <Empty title="It has ended" icon="watch">
      {endWords(state.reason)}
    </Empty>
  );
}

function Stats({ stats, deviceId }: { readonly stats: PeerStats | undefined; readonly deviceId: string }): ReactNode {
  const { frames = 0, size, framesPerSecond, kilobitsPerSecond, roundTripMs, path } = stats ?? {};
  const rows: readonly (readonly [string, string])[] = [
    ['Device', deviceId],
    ['Path', path === undefined ? '–' : path === 'direct' ? 'direct' : 'relayed (TURN)'],
    ['Picture', size ?? '–'],
    ['Frames', `${String(frames)}${framesPerSecond === undefined ? '' : `, ${String(framesPerSecond)} a second`}`],
    ['Rate', kilobitsPerSecond === undefined ? '–' : `${String(Math.round(kilobitsPerSecond))} kbit/s`],
    ['Round trip', roundTripMs === undefined ? '–' : `${String(roundTripMs)} ms`],
  ];
  return (
    <dl className="watch-stats" data-frames={frames} data-path={path}>
      {rows.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function wordsFor({ phase, reason }: WatchingState): { readonly tone: Tone; readonly text: string } {
  switch (phase) {
    case 'asking':
      return { tone: 'busy', text: 'Asking' };
    case 'connecting':
      return { tone: 'busy', text: 'Connecting' };
    case 'connected':
      return { tone: 'good', text: 'Connected' };
    case 'interrupted':
      return { tone: 'busy', text: 'Interrupted, being mended' };
    case 'ended':
      return reason === undefined ? { tone: 'bad', text: 'Refused' } : { tone: 'idle', text: 'Ended' };
  }
}
