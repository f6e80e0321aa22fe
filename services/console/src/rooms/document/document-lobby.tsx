import { useEffect, useState, type ReactNode } from 'react';
import { Button, IconButton } from '../../ui/button.js';
import { Icon, type IconName } from '../../ui/icon.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Badge } from '../../ui/small.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { newBoard } from './board/board.js';
import type { Creation, DocumentRest, RoomSummary } from './document-rest.js';
import { NewDocument, OpenById } from './lobby-forms.js';

interface Props {
  readonly rest: DocumentRest;
  readonly onOpen: (id: string) => void;
}

type Shared = Creation & { readonly id: string };

/** Two that everybody knows, so that two people who just came are in the same one with one click each. */
const text: Shared = { id: 'console-text', type: 'text', content: '', public: true };
const board = (): Shared => ({ id: 'console-board', type: 'json', content: newBoard(), public: true });

/** Where documents are made and found. */
export function DocumentLobby({ rest, onOpen }: Props): ReactNode {
  const open = useAction(async (shared: Shared) => {
    await rest.ensure(shared);
    onOpen(shared.id);
  });
  return (
    <RoomPage
      title="Document"
      intro="Several people edit one text or one board at the same time. Open the same one in two windows, type in both, cut the connection of one and restore it."
    >
      {open.error !== undefined && (
        <ErrorNote title="The document could not be opened." error={open.error} onDismiss={open.forget} />
      )}
      <div className="lobby-doors">
        <Door icon="document" title="The shared text" disabled={open.busy} onOpen={() => void open.run(text)}>
          Everybody types at once; each sees the carets of the others.
        </Door>
        <Door icon="users" title="The shared board" disabled={open.busy} onOpen={() => void open.run(board())}>
          Cards in columns; moves and edits made at the same time fit together.
        </Door>
      </div>
      <div className="lobby-columns">
        <Mine rest={rest} onOpen={onOpen} />
        <div className="stack">
          <Panel title="New document">
            <NewDocument rest={rest} onOpen={onOpen} />
          </Panel>
          <Panel title="Open by its id">
            <OpenById onOpen={onOpen} />
          </Panel>
        </div>
      </div>
    </RoomPage>
  );
}

function Door(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly disabled: boolean;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const { icon, title, disabled, onOpen, children } = props;
  return (
    <button type="button" className="door" disabled={disabled} onClick={onOpen}>
      <span className="door-icon">
        <Icon name={icon} size={22} />
      </span>
      <span className="door-title">{title}</span>
      <span className="door-text">{children}</span>
    </button>
  );
}

interface Listed {
  readonly rooms: readonly RoomSummary[] | undefined;
  readonly error: unknown;
}

function Mine({ rest, onOpen }: { readonly rest: DocumentRest; readonly onOpen: (id: string) => void }): ReactNode {
  const [{ rooms, error }, setListed] = useState<Listed>({ rooms: undefined, error: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    rest.mine().then(
      (found) => wanted && setListed({ rooms: found, error: undefined }),
      (reason: unknown) => wanted && setListed({ rooms: undefined, error: reason }),
    );
    return () => {
      wanted = false;
    };
  }, [rest, round]);
  const again = (): void => setRound(round + 1);
  const remove = useAction(async (id: string) => {
    await rest.remove(id);
    again();
  });
  return (
    <Panel title="Yours" actions={<IconButton icon="refresh" label="Look again" size="small" onClick={again} />}>
      {error !== undefined && <ErrorNote title="The list could not be loaded." error={error} onRetry={again} />}
      {remove.error !== undefined && <ErrorNote error={remove.error} onDismiss={remove.forget} />}
      {rooms === undefined && error === undefined && <Loading label="Looking for your documents" />}
      {rooms?.length === 0 && (
        <Empty title="None yet" icon="document">
          Documents that you make, or have a role in, are listed here.
        </Empty>
      )}
      <ul className="rooms">
        {rooms?.map((room) => (
          <li key={room.id} className="rooms-row">
            <Button variant="quiet" className="rooms-name" onClick={() => onOpen(room.id)}>
              {room.id}
            </Button>
            <Badge>{room.type === 'json' ? 'board' : room.type}</Badge>
            <Badge>{room.public ? 'public' : 'private'}</Badge>
            <span className="soft small">
              {room.role}, version {room.version}
            </span>
            {room.role === 'owner' && (
              <IconButton
                icon="trash"
                size="small"
                label={`Delete ${room.id}`}
                disabled={remove.busy}
                onClick={() => void remove.run(room.id)}
              />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
