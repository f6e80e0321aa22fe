import { compile, watch, WatchSessionId } from '@parley/contracts';
import { call, none, type Commands } from '../../command.js';
import { refuse, refuseError, said } from '../errors.js';
import type { UpSignal } from '../up.js';
import { speechOf, type Scope } from './scope.js';

const sessionIdCheck = compile(WatchSessionId);

/** The next message waits for the answer, so that signals stay in order whoever relays them. */
export function relaySignal(scope: Scope, { requestId, sessionId, signal, body }: UpSignal): Commands {
  const speech = speechOf(scope, requestId);
  if (!sessionIdCheck.is(sessionId)) return refuse(speech, said.sessionNotFound);
  const { connectionId, gatewayId } = scope.context;
  const request = { sessionId, from: scope.identity, connectionId, gatewayId, type: signal };
  return [
    call(
      watch.signal,
      request,
      (outcome) => (outcome.ok ? none : refuseError(speechOf(scope, requestId), outcome.error, said.sessionNotFound)),
      body,
    ),
  ];
}
