import type { NextFunction, Request, Response } from 'express';
import type { ConsoleFile } from './console-files.js';

export interface ConsolePage {
  readonly files: ReadonlyMap<string, ConsoleFile>;
  /** Origins of gateways that the page may use besides its own. */
  readonly gateways: readonly string[];
  /** Accounts to try; everybody who opens the page may read them. */
  readonly demo: readonly { readonly username: string; readonly password: string }[];
}

const CONFIG = '/console.json';

type Handler = (request: Request, response: Response, next: NextFunction) => void;

/** Serves the page's own paths and nothing else: what it does not know is left to REST. */
export function consolePage({ files, gateways, demo }: ConsolePage): Handler {
  const headers = pageHeaders(gateways);
  const config = JSON.stringify({ gateways, demo });
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    if (request.path === CONFIG) {
      response.type('json').send(config);
      return;
    }
    const file = files.get(request.path);
    if (file !== undefined) send(request, response, file, headers);
    else if (request.path === '/') missing(response);
    else next();
  };
}

function send(
  request: Request,
  response: Response,
  file: ConsoleFile,
  headers: Readonly<Record<string, string>>,
): void {
  const gzipped = request.acceptsEncodings('gzip') === 'gzip' ? file.gzipped : undefined;
  const body = gzipped ?? file.bytes;
  response.set(headers);
  response.set({
    'Cache-Control': file.forever ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Type': file.type,
    'Content-Length': String(body.length),
    Vary: 'Accept-Encoding',
    ...(gzipped === undefined ? {} : { 'Content-Encoding': 'gzip' }),
  });
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

function missing(response: Response): void {
  response
    .status(404)
    .type('text/plain')
    .send(
      'This is a Parley gateway. The console is not here: npm run build makes it. The API is described at /openapi.json.\n',
    );
}

/**
 * The page is its own scripts and styles, talks to gateways, and shows cameras. Whatever else a text that got past React
 * might ask for, the browser refuses.
 */
function pageHeaders(gateways: readonly string[]): Readonly<Record<string, string>> {
  const connect = ["'self'", ...gateways, ...gateways.map((origin) => origin.replace(/^http/, 'ws'))];
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' blob:",
    'media-src': "'self' blob:",
    'connect-src': connect.join(' '),
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy':
      'camera=(self), microphone=(self), clipboard-write=(self), geolocation=(), display-capture=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
