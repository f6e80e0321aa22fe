import { textType } from '@parley/ot/text';
import { StrictMode, useEffect, type ChangeEvent, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ParleyProvider } from '../parley-provider.js';
import { useDocument } from '../use-document.js';
import { usePresence } from '../use-presence.js';
import { useWebSocket } from '../use-web-socket.js';

/** The page that the tests open: an editor as the protocol's document prints it, and what it did, for the tests to read. */
const query = new URLSearchParams(location.search);
const url = query.get('url') ?? '';
const token = query.get('token') ?? '';
const room = query.get('room') ?? '';
const other = query.get('other') ?? undefined;

const seen = { editor: 0, people: 0, sockets: 0, errors: new Array<string>() };
Object.assign(globalThis, { seen });
addEventListener('error', ({ message }) => seen.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) => seen.errors.push(String(reason)));

const Platform = globalThis.WebSocket;
class CountedWebSocket extends Platform {
  constructor(address: string, protocols?: string[]) {
    super(address, protocols);
    seen.sockets += 1;
  }
}

function Editor(): ReactNode {
  const { client, connected, error } = useWebSocket();
  const { cursor } = usePresence(client, room);
  const { document, version } = useDocument(client, room);
  useEffect(() => {
    seen.editor += 1;
  });
  useEffect(() => {
    if (other !== undefined) client.joinRoom(other).catch((reason: unknown) => seen.errors.push(String(reason)));
  }, [client]);
  useEffect(() => {
    Object.assign(globalThis, { client });
  }, [client]);
  return (
    <>
      <output id="state">{connected ? 'connected' : (error?.code ?? 'connecting')}</output>
      <output id="version">{version}</output>
      <output id="pending">{document.pending}</output>
      <textarea
        id="text"
        disabled={!document.canEdit}
        value={typeof document.content === 'string' ? document.content : ''}
        onChange={(event: ChangeEvent<HTMLTextAreaElement>) => document.update(event.target.value)}
        onMouseMove={({ clientX, clientY }) => cursor.update({ x: clientX, y: clientY })}
      />
      <button id="undo" disabled={!document.canUndo} onClick={() => document.undo()} />
    </>
  );
}

function People(): ReactNode {
  const { client } = useWebSocket();
  const { cursor, participants } = usePresence(client, room);
  useEffect(() => {
    seen.people += 1;
  });
  const xs = [...cursor.all.values()].map(({ x }) => x);
  return (
    <output id="people">
      {participants.length} at {xs.join(' ')}
    </output>
  );
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <ParleyProvider
        url={url}
        token={() => token}
        types={[textType]}
        room={room}
        WebSocket={CountedWebSocket}
        backoff={{ minMs: 20, baseMs: 100, maxMs: 500 }}
        binaryCursors={other === undefined}
      >
        <Editor />
        <People />
      </ParleyProvider>
    </StrictMode>,
  );
}
