import { fail, ok, rooms, type ConnectionId, type Outcome, type UserId } from '@parley/contracts';
import type { Staged } from '@parley/ot';
import type { Static } from '@sinclair/typebox';
import { notJoined, noRoom, viewersRead } from './refusals.js';
import type { Author, RoomDocument } from './room-document.js';
import type { Room } from './room.js';

export type SubmitReply = Static<typeof rooms.submit.reply>;
export type SubmitErrorCode =
  | 'not_found'
  | 'forbidden'
  | 'conflict'
  | 'too_large'
  | 'queue_full'
  | 'invalid'
  | 'unavailable'
  | 'timeout'
  | 'internal';
export type SubmitOutcome = Outcome<SubmitReply, SubmitErrorCode>;

/** An operation on its way into the log. */
export interface Submission {
  readonly author: Author;
  readonly baseVersion: number;
  /** Parsed JSON; that it is an operation is not known yet. */
  readonly operation: unknown;
}

/** `deepen`: it can be staged once the document keeps operations from its base version on. */
export type StagedSubmission = SubmitOutcome | 'deepen';

/** Puts an operation behind those that are staged already, unless it may not be there. */
export function stageSubmission(
  room: Room,
  document: RoomDocument,
  submission: Submission,
  mayDeepen: boolean,
): StagedSubmission {
  const { author, baseVersion, operation } = submission;
  const refusal = refusalOf(room, author.userId, author.connectionId);
  if (refusal !== undefined) return refusal;
  const known = document.versionOf(author.id);
  if (known !== undefined) return ok({ result: 'repeated', version: known });
  if (mayDeepen && baseVersion < document.oldestVersion) return 'deepen';
  return outcomeOf(document.stage(operation, baseVersion, author));
}

/** What the roles say, as they are now. */
export function refusalOf(room: Room, userId: UserId, connectionId: ConnectionId): SubmitOutcome | undefined {
  const role = room.roleOf(userId);
  if (role === undefined || room.closed === 'removed') return noRoom;
  if (room.roster.get(connectionId)?.participant.userId !== userId) return notJoined;
  return role === 'viewer' ? viewersRead : undefined;
}

function outcomeOf(staged: Staged<Author>): SubmitOutcome {
  switch (staged.result) {
    case 'staged':
      return ok({ result: 'accepted', version: staged.entry.version });
    case 'version_mismatch':
      return ok({ result: 'version_mismatch', currentVersion: staged.currentVersion });
    case 'invalid': {
      const field = staged.field === undefined ? 'operation' : `operation.${staged.field}`;
      return fail('invalid', staged.message, { field });
    }
    case 'too_large':
      return fail('too_large', 'The document would be too large.');
  }
}
