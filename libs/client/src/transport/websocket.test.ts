import { expect, test } from 'vitest';
import { endpointUrl } from './websocket.js';

test("a host gets the dialect's path, a path is kept, and http is ws", () => {
  expect(endpointUrl('wss://host', '/ws/chat').href).toBe('wss://host/ws/chat');
  expect(endpointUrl('http://host:81/own?x=1', '/ws/chat').href).toBe('ws://host:81/own?x=1');
  expect(() => endpointUrl('host', '/ws/chat')).toThrow('not a URL: host');
});

test('a server that moves is asked for anew', () => {
  const places = ['https://one', 'ws://two/ws'];
  const next = (): string => places.shift() ?? '';
  expect(endpointUrl(next, '/ws/chat').href).toBe('wss://one/ws/chat');
  expect(endpointUrl(next, '/ws/chat').href).toBe('ws://two/ws');
});
