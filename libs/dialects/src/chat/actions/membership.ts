import { serverEvent, type ServerId } from '@parley/contracts';
import { none, type Commands } from '../../command.js';
import { tryAgainLater } from '../errors.js';
import { RECOVERY } from '../handshake.js';

/** From here on nothing of this server reaches the connection. */
export function leaveServer(serverId: ServerId): Commands {
  return [{ kind: 'leave', subjects: [serverEvent.subject(serverId)] }];
}

/**
 * What happened in the server since the user became a member is delivered too, however late this comes. When that cannot
 * be had, the client is sent away to read its servers anew, rather than left with a hole that nobody would tell it of.
 */
export function joinServer(serverId: ServerId, since: number): Commands {
  return [
    {
      kind: 'join',
      requests: [{ subject: serverEvent.subject(serverId), recover: { after: since, ...RECOVERY } }],
      then: (joined) => {
        if (!joined.ok) return tryAgainLater();
        const incomplete = joined.value.some((result) => result.recovered?.complete === false);
        return incomplete ? tryAgainLater() : none;
      },
    },
  ];
}
