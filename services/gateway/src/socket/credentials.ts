import type { IncomingMessage } from 'node:http';

const SUBPROTOCOL = 'access_token.';

/**
 * The token of an upgrade, from whichever carrier the client could use: the `Authorization` header, the subprotocol
 * `access_token.<JWT>` (browsers can't set headers), or `?token=`.
 */
export function tokenOf(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined && /^bearer /i.test(header)) return header.slice(7).trim();
  const offered = request.headers['sec-websocket-protocol'];
  const carrier = offered?.split(',').find((protocol) => protocol.trim().startsWith(SUBPROTOCOL));
  if (carrier !== undefined) return carrier.trim().slice(SUBPROTOCOL.length);
  return query.get('token') ?? undefined;
}

/** The subprotocol to select: the one that carries the token, else the first, since browsers want one that they offered. */
export function selectProtocol(offered: ReadonlySet<string>): string | false {
  let first: string | undefined;
  for (const protocol of offered) {
    if (protocol.startsWith(SUBPROTOCOL)) return protocol;
    first ??= protocol;
  }
  return first ?? false;
}

/** The client's address: the socket's, or what that many trusted proxies in front of us say. */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const own = request.socket.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return own;
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim());
  const claimed = hops.at(-trustedProxies)?.slice(0, 64) ?? '';
  return claimed === '' ? own : claimed;
}
