import { fail } from '@parley/contracts';

/** Also what those hear who may not know that it exists. */
export const noRoom = fail('not_found', 'There is no such room.');
export const noUser = fail('not_found', 'There is no such user.');
export const noMember = fail('not_found', 'This user is not a member.');
export const ownerOnly = fail('forbidden', 'Only an owner of the room may do this.');
export const lastOwner = fail('conflict', 'The last owner of a room stays its owner.');
export const notJoined = fail('conflict', 'Only who has joined the room may write in it.');
export const viewersRead = fail('forbidden', 'Viewers may not change the document.');
export const moved = fail('unavailable', 'The room has just moved to another server; try again.');
