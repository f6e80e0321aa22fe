import { StrictMode, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { ParleyProvider } from './parley-provider.js';
import { useDocument } from './use-document.js';
import { usePresence } from './use-presence.js';
import { useWebSocket } from './use-web-socket.js';

function noWebSocket(): never {
  throw new Error('a server opened a socket');
}

function Editor(): ReactNode {
  const { client, connected, error } = useWebSocket();
  const { cursor, selection, participants } = usePresence(client);
  const { document, version } = useDocument(client);
  return (
    <p>
      {[connected, error === undefined, version, document.canEdit, document.content === undefined].join()}{' '}
      {participants.length}
      {cursor.all.size} {selection.all.size}
    </p>
  );
}

test('a server renders an editor that is not connected, and asks for nothing', () => {
  let tokens = 0;
  const token = (): string => `t${String((tokens += 1))}`;
  Object.assign(globalThis, { WebSocket: noWebSocket });
  const html = renderToString(
    <StrictMode>
      <ParleyProvider url="wss://host" token={token} types={[]} room="doc">
        <Editor />
      </ParleyProvider>
    </StrictMode>,
  );
  expect(html.replaceAll(/<!-- -->|<\/?p>/g, '')).toBe('false,true,0,false,true 00 0');
  expect(tokens).toBe(0);
});

test('a hook with a config of its own needs no provider; without either it says what is missing', () => {
  function Alone(): ReactNode {
    const { status } = useWebSocket({ url: 'wss://host', token: 't', types: [] });
    return status.state;
  }
  expect(renderToString(<Alone />)).toBe('idle');
  expect(() => renderToString(<Editor />)).toThrow(/ParleyProvider/);
});
