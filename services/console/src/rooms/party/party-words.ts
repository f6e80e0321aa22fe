import { ParleyError, type ConnectionStatus, type LeaveReason, type MemberStatus } from '@parley/client';
import type { Tone } from '../../ui/small.js';

/** Why somebody is not in a party, and what can be done about it. */
export interface Ending {
  readonly title: string;
  readonly text: string;
  /** To ask again may help. */
  readonly again: boolean;
}

/** Of a refusal, or an end, that the client does not come back from by itself; `reason` is the host's. */
export function endingOf({ message, details }: ParleyError, reason: string | undefined): Ending {
  switch (details.wireCode) {
    case 'session_full':
      return {
        title: 'The party is full',
        text: `All ${places(details.maxMembers)} are taken; one that is held for somebody who is reconnecting counts too. Try again when somebody has left.`,
        again: true,
      };
    case 'session_not_found':
      return {
        title: 'There is no such party',
        text: 'It may be over, or the link may not be complete.',
        again: false,
      };
    case 'version_mismatch':
      return {
        title: 'This page and the server do not understand each other',
        text: 'They speak different versions of the protocol. Reload the page to get the one that fits.',
        again: false,
      };
    case 'already_joined':
      return {
        title: 'You are in this party already',
        text: 'Another connection of this window has your place. It is being closed; join again.',
        again: true,
      };
    case 'unauthorized':
      return {
        title: 'You may not join',
        text: 'Your login was not accepted, or the place belongs to another account.',
        again: true,
      };
    case 'kicked':
      return { title: 'The host has removed you', text: because(reason), again: false };
    case 'session_closed':
      return { title: 'The party is over', text: because(reason), again: false };
    default:
      return { title: 'You are out of the party', text: sentence(message), again: true };
  }
}

/** REST says of a party that there is none. */
export function isGone(error: unknown): boolean {
  return error instanceof ParleyError && (error.code === 'not_found' || error.details.wireCode === 400);
}

/** While the client is trying to get in, or back in, by itself; undefined while there is nothing to say. */
export function waitingText(status: ConnectionStatus, wasIn: boolean, isHost: boolean): string | undefined {
  if (status.state !== 'waiting' && status.state !== 'connecting') return undefined;
  if (status.state === 'waiting' && status.error.details.wireCode === 'already_joined') {
    return 'An earlier connection of this window has your place. It is being closed, then you are in.';
  }
  if (!wasIn) return undefined;
  return isHost
    ? 'Your place is kept for 30 seconds; after that the party ends for everybody.'
    : 'Your place is kept for 15 seconds, also when the party is full.';
}

export function leftText(name: string, reason: LeaveReason | undefined): string {
  switch (reason) {
    case 'left':
      return `${name} left`;
    case 'kicked':
      return `${name} was removed by the host`;
    case 'timeout':
      return `${name} did not come back in time`;
    case 'error':
      return `${name} was cut off by the server`;
    case undefined:
      return `${name} left while you were away`;
  }
}

export function statusText(status: MemberStatus): string {
  switch (status) {
    case 'connected':
      return 'connected';
    case 'reconnecting':
      return 'reconnecting';
    case 'disconnected':
      return 'gone, place held';
  }
}

export const statusTones: Record<MemberStatus, Tone> = {
  connected: 'good',
  reconnecting: 'busy',
  disconnected: 'bad',
};

export function statusChangeText(name: string, status: MemberStatus): string {
  switch (status) {
    case 'connected':
      return `${name} is back`;
    case 'reconnecting':
      return `${name} has lost the connection; the place is kept`;
    case 'disconnected':
      return `${name} has been gone for a while`;
  }
}

function places(count: number | undefined): string {
  return count === undefined ? 'places' : `${String(count)} places`;
}

/** What a host gives as a reason is theirs, and shown as such. */
function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? 'No reason was given.' : `Reason: ${reason}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
