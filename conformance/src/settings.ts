/** The server under test, and what is known about it. */
export interface Settings {
  /** The dialect's endpoint, such as `ws://127.0.0.1:8081/ws`. */
  readonly url: string;
  /** The same on another gateway of the cluster. */
  readonly secondUrl?: string;
  /** REST of the server; accounts are registered there. */
  readonly rest?: string;
  /** A key of the server API. */
  readonly apiKey?: string;
  /** Tokens of different users, instead of accounts over REST. */
  readonly tokens?: readonly string[];
  /** Every address (`ws://host:port`) on which the cluster's first gateway listens, the one of 8081 marked by `url`. */
  readonly listeners?: readonly string[];
  /** An `X-…` name whose backend answers with the data that it was sent. */
  readonly echo?: string;
  /** What a dialect does not ask for and a server may do nonetheless, such as older clients' spellings. */
  readonly profiles?: readonly Profile[];
  /** How long an answer may take, unless a scenario says otherwise; default 15. */
  readonly answerSeconds?: number;
  /** Scenarios that have to wait longer than this are skipped. */
  readonly longestWaitSeconds: number;
  readonly limits: Limits;
}

/** The shapes of original clients: `together` those of `chat`, `loundsync` those of `party`. */
export const profiles = ['together', 'loundsync'] as const;
export type Profile = (typeof profiles)[number];

/** What the server is configured to allow; the defaults are Parley's. */
export interface Limits {
  /** Messages that a connection may send at once. */
  readonly burst: number;
  readonly subscriptions: number;
  /** Messages that a topic's history keeps. */
  readonly history: number;
  /** Direct messages that may wait for a user. */
  readonly queue: number;
  readonly connectionsPerUser: number;
  readonly frameBytes: number;
  /** Connections that may be in one room of `collab` at once. */
  readonly roomCapacity: number;
  /** Sessions that a device of `watch` may have at once. */
  readonly viewersPerDevice: number;
  /** Unsent bytes beyond which a slow reader is closed. */
  readonly unsentBytes: number;
}

export const defaultLimits: Limits = {
  burst: 200,
  subscriptions: 500,
  history: 100,
  queue: 1_000,
  connectionsPerUser: 50,
  roomCapacity: 200,
  viewersPerDevice: 8,
  frameBytes: 1_048_576,
  unsentBytes: 4_194_304,
};

export const DEFAULT_LONGEST_WAIT_SECONDS = 45;
