import { fail, presence } from '@parley/contracts';
import { call, type Commands } from '../../command.js';
import { acknowledge } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpPresence } from '../up.js';
import type { Scope } from './scope.js';

/** It is kept in memory for every user and told to everyone who watches, so it has to stay small. */
const MAX_METADATA_LENGTH = 4_096;

export function setPresence(scope: Scope, message: UpPresence): Commands {
  const { status, metadata } = message.data;
  if (metadata !== undefined && JSON.stringify(metadata).length > MAX_METADATA_LENGTH) {
    const { error } = fail('invalid', `Presence metadata has ${MAX_METADATA_LENGTH} characters at most`, {
      field: 'data.metadata',
    });
    return refuse(error, message.id);
  }
  const request = {
    userId: scope.login.userId,
    status: synonyms[status],
    ...(metadata === undefined ? {} : { metadata }),
  };
  return [
    call(presence.setStatus, request, (outcome) =>
      outcome.ok ? acknowledge(message.id, 'updated') : refuse(outcome.error, message.id),
    ),
  ];
}

const synonyms = {
  online: 'online',
  idle: 'idle',
  dnd: 'dnd',
  offline: 'offline',
  away: 'idle',
  busy: 'dnd',
} as const;
