import { fail } from '@parley/contracts';

/** Also what those hear who may not know that it exists. */
export const noServer = fail('not_found', 'There is no such server.');
export const noChannel = fail('not_found', 'There is no such channel.');
export const noMessage = fail('not_found', 'There is no such message.');
export const noUser = fail('not_found', 'There is no such user.');
export const noMember = fail('not_found', 'This user is not a member.');
export const ownerOnly = fail('forbidden', 'Only the owner of the server may do this.');
export const authorOnly = fail('forbidden', 'Only the author of the message may do this.');
