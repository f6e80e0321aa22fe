import type { ClientDocument, Outgoing } from '../client-document.js';
import type { LogEntry } from '../server-document.js';

/** Whose an operation is. */
export interface Tag {
  readonly id: string;
  readonly connection: number;
}

/** What the server has said, on its way. */
export type FromServer =
  | { readonly kind: 'entry'; readonly entry: LogEntry<Tag> }
  | { readonly kind: 'repeated'; readonly id: string; readonly version: number }
  | { readonly kind: 'invalid'; readonly id: string }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'failed' };

/** A client, its connection, and what is under way between it and the server. */
export interface Peer<C> {
  readonly name: number;
  document: ClientDocument;
  /** A new number for each connection; undefined while there is none. */
  connection: number | undefined;
  toServer: (Outgoing & { readonly connection: number })[];
  fromServer: FromServer[];
  /** What an editor shows that has only been told of the changes. */
  editor: C;
  readonly confirmed: Set<string>;
  readonly rejected: Set<string>;
  /** Ids that something of the user's went under. */
  readonly made: Set<string>;
}

export function entryMessage(entry: LogEntry<Tag>): FromServer {
  return { kind: 'entry', entry };
}
