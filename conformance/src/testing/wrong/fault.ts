/** A frame as it is on the wire: text, or bytes of a binary one. */
export type Raw = string | Buffer;

/** A connection through the proxy, as a fault sees it. */
export interface Line {
  readonly path: string;
  /** To the client. */
  say(frame: Raw): void;
  /** Both sides; the client is told this. */
  end(code: number, reason: string): void;
  /** A timer that ends with the connection. */
  after(ms: number, what: () => void): void;
}

/**
 * What is wrong with a server, one thing at a time: our own gateway stands behind a proxy that spoils it. Whatever is
 * left out is passed on as it is.
 */
export interface Fault {
  /** Paths that are answered with HTTP 404. */
  refuses?(path: string): boolean;
  /** Members of the URL's query that it does not see. */
  readonly blindTo?: readonly string[];
  /** Headers that it does not see. */
  readonly without?: readonly ('authorization' | 'sec-websocket-protocol')[];
  /** False: never negotiated. */
  readonly deflate?: false;
  opened?(line: Line): void;
  /** What the client gets instead; `json` is undefined for binary frames and for what is none. */
  down?(frame: Raw, json: unknown, line: Line): readonly Raw[];
  /** What the server gets instead. */
  up?(frame: Raw, json: unknown, line: Line): readonly Raw[];
  closing?(code: number, reason: string): readonly [code: number, reason: string];
}

/** A new one for each proxy, since some remember. */
export type MakeFault = () => Fault;
