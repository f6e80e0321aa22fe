import type { Authority } from '@parley/contracts';
import { isHostToken } from './host-token.js';
import { withConnection } from './member.repository.js';
import type { Member, Session } from './session.js';

/** Whether this is the host, or whoever made the session. */
export function mayDirect(authority: Authority, session: Session, members: readonly Member[]): boolean {
  switch (authority.by) {
    case 'host-token':
      return isHostToken(authority.token, session.hostTokenHash);
    case 'user':
      return session.userId === authority.userId;
    case 'connection':
      return withConnection(members, authority.connectionId)?.isHost === true;
  }
}
