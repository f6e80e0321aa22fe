import { ParleyError } from './parley-error.js';

/** As much of a WebSocket as is used: a browser's, Node's own (22 and newer) and `ws` all fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** Looked for when a connection is made, never on import: a server that only renders has none and needs none. */
export function findWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? platformWebSocket();
  if (found !== undefined) return found;
  throw new ParleyError('invalid', 'this platform has no WebSocket: pass one (such as that of `ws`) as `WebSocket`');
}

function platformWebSocket(): WebSocketConstructor | undefined {
  return typeof globalThis.WebSocket === 'function' ? globalThis.WebSocket : undefined;
}

/** Where the server is, or who knows it: a client whose server moves asks again for each connection. */
export type UrlProvider = string | (() => string);

export function currentUrl(provider: UrlProvider): string {
  return typeof provider === 'function' ? provider() : provider;
}

/** The provider's URL with `path` where it has none of its own: `wss://host` → `wss://host/ws/topics`; http becomes ws. */
export function endpointUrl(provider: UrlProvider, path: string): URL {
  const base = currentUrl(provider);
  let url: URL;
  try {
    url = new URL(base);
  } catch (error) {
    throw new ParleyError('invalid', `not a URL: ${base}`, { cause: error });
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.pathname === '/') url.pathname = path;
  return url;
}
