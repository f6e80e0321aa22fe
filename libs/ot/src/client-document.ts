import type { Outcome } from '@parley/contracts';

/** The document as the server has sent it. */
export interface DocumentState {
  /** JSON. */
  readonly content: unknown;
  readonly version: number;
}

/** To be submitted; the same `id` means the same operation, however often it is sent. */
export interface Outgoing {
  readonly id: string;
  readonly baseVersion: number;
  /** JSON. */
  readonly operation: unknown;
}

/** As the server applied it. */
export interface AppliedOperation {
  readonly id: string;
  /** The version that the document became with it. */
  readonly version: number;
  /** JSON. */
  readonly operation: unknown;
}

/** The user's own operation that will not be in the document. */
export interface Rejected {
  readonly id: string;
  /** As it would have to be sent at the time; its content may have no place any more. */
  readonly operation: unknown;
}

/** What something from the server has changed. */
export interface Update {
  /**
   * What the caller has to ask the server for: `nothing`, the operations after `version` (`resume`), or the whole content
   * (`reload`), because what has come cannot be brought together with what is here.
   */
  readonly need: 'nothing' | 'resume' | 'reload';
  /** Operations to apply, in order, to whatever shows the content: what others did, fitted to what is here. */
  readonly changes: readonly unknown[];
  /** An operation of the user's own that is now part of the document. */
  readonly confirmed: string | undefined;
  readonly rejected: readonly Rejected[];
}

export type UndoMode =
  /** A step of its own. */
  | 'step'
  /** Undone together with the change before, as the letters of a word are. */
  | 'merge'
  /** Not undone by this user. */
  | 'none';

export interface ClientDocumentOptions {
  /** Steps that can be undone. */
  readonly maxUndoSteps?: number;
}

/**
 * A document as one user sees it: what the server has confirmed, and on top of it the user's own operations, of which at
 * most one is on its way. Everything comes and goes as arguments and return values; time and network are the caller's.
 */
export interface ClientDocument {
  readonly type: string;
  /** Of the server, up to which everything is here. */
  readonly version: number;
  /** With the user's own operations. The same value until something changes. */
  readonly content: unknown;
  /** Operations of the user's own that are not confirmed. */
  readonly pending: number;
  readonly inFlight: string | undefined;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The confirmed state, without the user's own pending operations. */
  confirmedState(): DocumentState;

  /**
   * A change by the user, seen at once. While another waits to be sent, it joins that one: the answer names the id under
   * which it will be confirmed or rejected, which then is not `id`.
   */
  edit(operation: unknown, id: string, undo?: UndoMode): Outcome<{ readonly id: string }, 'invalid'>;
  /** Undoes the user's last change, not those of others. Undefined when there is nothing to undo. */
  undo(id: string): { readonly id: string; readonly change: unknown } | undefined;
  redo(id: string): { readonly id: string; readonly change: unknown } | undefined;

  /** The next operation to send, once; undefined while one is on its way or none waits. */
  takeOutgoing(): Outgoing | undefined;
  /** After a reconnect, and after what was missed has come: the operation on its way, again. */
  resend(): Outgoing | undefined;

  /** An operation from the server. Those that are here already are passed over. */
  receive(applied: AppliedOperation): Update;
  /** The server's answer to an operation. */
  acknowledge(id: string, version: number): Update;
  /** The server has refused the operation for good; what came after it is kept where it still fits. */
  reject(id: string): Update;
  /** The whole state anew. What is pending is fitted to it as well as that can be done. */
  reload(state: DocumentState): Update;
}
