import type { AppError } from '@parley/contracts';
import { none, type Commands } from '../../command.js';
import { reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpText } from '../up.js';
import type { Ack } from './acks.js';
import type { Scope } from './scope.js';

type Asking = Pick<UpText, 'id' | 'roomId' | 'acknowledgment'>;

/** For whoever has asked for it; operations have an acknowledgment of their own. */
export function acknowledge(scope: Scope, { id, roomId, acknowledgment }: Asking): Commands {
  if (acknowledgment !== true) return none;
  return [reply('ack', { messageId: id }, about(scope, roomId))];
}

export function acknowledgeOperations(scope: Scope, roomId: string, acks: readonly Ack[]): Commands {
  return acks.map((ack) => reply('ack', ack, about(scope, roomId)));
}

/** `roomId`: of a message that names none, the room that it meant. */
export function refuseMessage(scope: Scope, error: AppError, { id, roomId }: Asking, meant = roomId): Commands {
  return refuse(scope.context.now(), error, { id, ...(meant === undefined ? {} : { roomId: meant }) });
}

export function about({ context }: Scope, roomId?: string): { readonly at: number; readonly roomId?: string } {
  return { at: context.now(), ...(roomId === undefined ? {} : { roomId }) };
}
