import { voice } from '@parley/contracts';
import { call, none, type Commands } from '../../command.js';
import { refuse } from '../errors.js';
import type { UpVoiceSignal } from '../up.js';
import type { Scope } from './scope.js';

/** The next message waits for the answer, so that signals stay in order whoever relays them. */
export function relaySignal({ login }: Scope, { op, toUserId, signal }: UpVoiceSignal): Commands {
  const request = { userId: login.userId, toUserId };
  return [call(voice.signal, request, (outcome) => (outcome.ok ? none : refuse(outcome.error, op)), signal)];
}
