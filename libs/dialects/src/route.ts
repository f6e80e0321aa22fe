import type { Caller } from './command.js';

/**
 * Events whose receivers have joined other subjects than the event's own: a user's presence goes to everyone who listens
 * to one of that user's servers. The gateway finds out once per id and pod, and each connection gets the event once.
 */
export interface Route {
  /** What is routed: events on these subjects, `evt.<kind>.*`. */
  readonly subject: string;
  /**
   * The subjects whose listeners get the events of each of these ids (1,000 at most). Ids without any may be left out.
   * Undefined: it could not be found out now; the gateway asks again.
   */
  lookup(caller: Caller, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]> | undefined>;
  /** An event on these subjects says that the answer for its id is another from now on. */
  readonly forgottenOn: string;
}
