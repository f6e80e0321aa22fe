import type { CollaborativeClient, ConnectionStatus, Room } from '@parley/client';
import { useDocument, usePresence } from '@parley/react';
import { useState, type ReactNode } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { go } from '../../shell/route.js';
import { Button, IconButton } from '../../ui/button.js';
import { CopyLink } from '../../ui/copy-link.js';
import { Icon } from '../../ui/icon.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { ErrorNote } from '../../ui/states.js';
import { BoardEditor } from './board/board-editor.js';
import type { DocumentRest } from './document-rest.js';
import { PeoplePanel } from './people-panel.js';
import { SyncLine } from './sync-line.js';
import { resumedText } from './sync-state.js';
import { TextEditor } from './text/text-editor.js';
import { useRefusals, useSync } from './use-sync.js';
import { useUnsentWarning } from './use-unsent-warning.js';

interface Props {
  readonly room: Room;
  readonly type: string;
  readonly client: CollaborativeClient;
  readonly status: ConnectionStatus;
  readonly session: ConsoleSession;
  readonly rest: DocumentRest;
  readonly onRetry: () => void;
}

/** A document with everybody who is at it. */
export function OpenDocument({ room, type, client, status, session, rest, onRetry }: Props): ReactNode {
  const { document } = useDocument(client, room.id);
  const { participants } = usePresence(client, room.id);
  const sync = useSync(room);
  const { refusals, forget } = useRefusals(room);
  const [problem, setProblem] = useState<unknown>();
  useUnsentWarning(document.pending, sync.state.waiting);
  const readOnly = !document.canEdit;
  return (
    <RoomPage
      title="Document"
      status={status}
      onRetry={onRetry}
      actions={
        <>
          <IconButton icon="undo" label="Undo your last change" disabled={!document.canUndo} onClick={document.undo} />
          <IconButton icon="redo" label="Redo" disabled={!document.canRedo} onClick={document.redo} />
          <CopyLink />
          <Button data-leaves="" onClick={() => go('document')}>
            All documents
          </Button>
        </>
      }
    >
      <SyncLine id={room.id} state={sync.state} role={room.role} />
      {sync.state.resumed !== undefined && (
        <div className="note note-good" data-testid="resumed">
          <Icon name="check" />
          <p>{resumedText(sync.state.resumed)}</p>
          <Button size="small" variant="quiet" onClick={sync.read}>
            Dismiss
          </Button>
        </div>
      )}
      {refusals.map(({ key, error, lost }) => (
        <ErrorNote
          key={key}
          title="A change of yours was refused and taken back."
          error={lost === '' ? error : `${error.message} You wrote: “${lost}”`}
          onDismiss={forget}
        />
      ))}
      {problem !== undefined && (
        <ErrorNote title="That could not be changed." error={problem} onDismiss={() => setProblem(undefined)} />
      )}
      {readOnly && (
        <div className="note">
          <Icon name="info" />
          <p>You may read this document, not change it: your role in it is {room.role ?? 'unknown'}.</p>
        </div>
      )}
      <div className="document-body">
        <Panel title={type === 'text' ? 'Text' : 'Board'} titleHidden className="document-main">
          {type === 'text' ? (
            <TextEditor room={room} readOnly={readOnly} participants={participants} onRefused={setProblem} />
          ) : (
            <BoardEditor room={room} client={client} readOnly={readOnly} onRefused={setProblem} />
          )}
        </Panel>
        <PeoplePanel room={room} participants={participants} session={session} rest={rest} />
      </div>
    </RoomPage>
  );
}
