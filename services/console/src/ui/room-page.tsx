import type { ConnectionStatus } from '@parley/client';
import type { ReactNode } from 'react';
import { ConnectionBadge, ConnectionNotice } from './states.js';

interface RoomPageProps {
  readonly title: string;
  /** One line: what can be done here. */
  readonly intro?: ReactNode;
  /** Of the room's connection: shown beside the title, and across the room when it is gone. */
  readonly status?: ConnectionStatus;
  readonly onRetry?: () => void;
  /** To the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every room: its title, its connection, its contents. */
export function RoomPage({ title, intro, status, onRetry, actions, children }: RoomPageProps): ReactNode {
  return (
    <div className="room">
      <header className="room-head">
        <div className="room-title">
          <h1 id="room-title" tabIndex={-1}>
            {title}
          </h1>
          {status !== undefined && <ConnectionBadge status={status} />}
        </div>
        {actions !== undefined && <div className="room-actions">{actions}</div>}
        {intro !== undefined && <p className="room-intro">{intro}</p>}
      </header>
      {status !== undefined && <ConnectionNotice status={status} {...(onRetry === undefined ? {} : { onRetry })} />}
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  readonly titleHidden?: boolean;
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A part of a room, with a heading of its own. */
export function Panel({ title, titleHidden = false, actions, className, children }: PanelProps): ReactNode {
  return (
    <section className={`panel ${className ?? ''}`} aria-label={title}>
      {(!titleHidden || actions !== undefined) && (
        <header className="panel-head">
          <h2 className={titleHidden ? 'visually-hidden' : undefined}>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}
