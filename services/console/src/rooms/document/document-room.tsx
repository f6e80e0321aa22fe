import { jsonType } from '@parley/ot/json';
import { textType } from '@parley/ot/text';
import type { Room } from '@parley/client';
import { useRoom, useWebSocket } from '@parley/react';
import { useCallback, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { go, useRoute } from '../../shell/route.js';
import { Button } from '../../ui/button.js';
import { RoomPage } from '../../ui/room-page.js';
import { ErrorNote, Loading } from '../../ui/states.js';
import type { RoomProps } from '../room.js';
import { DocumentLobby } from './document-lobby.js';
import { DocumentRest } from './document-rest.js';
import './document.css';
import { OpenDocument } from './open-document.js';

/** `#/document` lists documents, `#/document/<id>` is one. */
export function DocumentRoom({ session }: RoomProps): ReactNode {
  const [id] = useRoute().rest;
  const rest = useMemo(() => new DocumentRest(session), [session]);
  return id === undefined ? (
    <DocumentLobby rest={rest} onOpen={(opened) => go('document', [opened])} />
  ) : (
    <ConnectedDocument key={id} id={id} session={session} rest={rest} />
  );
}

interface ConnectedProps extends RoomProps {
  readonly id: string;
  readonly rest: DocumentRest;
}

/** A connection for one document, which is joined as soon as there is one. */
function ConnectedDocument({ id, session, rest }: ConnectedProps): ReactNode {
  const { client, status, error } = useWebSocket({
    ...session.connection('/ws/collab'),
    types: [textType, jsonType],
    room: id,
  });
  const room = useRoom(client, id);
  const type = useType(room);
  const retry = (): void => {
    // What goes wrong is told by the status and the error.
    client.connect().catch(() => undefined);
    client.joinRoom(id).catch(() => undefined);
  };
  if (room !== undefined && type !== undefined) {
    return (
      <OpenDocument
        room={room}
        type={type}
        client={client}
        status={status}
        session={session}
        rest={rest}
        onRetry={retry}
      />
    );
  }
  const isOut = room === undefined && error !== undefined;
  return (
    <RoomPage
      title="Document"
      status={status}
      onRetry={retry}
      actions={<Button onClick={() => go('document')}>All documents</Button>}
    >
      {isOut ? (
        <ErrorNote title={`${id} could not be opened.`} error={error} onRetry={retry} />
      ) : (
        <Loading label="Opening the document" />
      )}
    </RoomPage>
  );
}

/** Undefined until the document is here. */
function useType(room: Room | undefined): string | undefined {
  const subscribe = useCallback((changed: () => void) => room?.on('document', changed) ?? (() => undefined), [room]);
  return useSyncExternalStore(subscribe, () => room?.document.type);
}
