import { compile, DeviceId, watch, WatchSessionId } from '@parley/contracts';
import { call, type Commands } from '../../command.js';
import { reply } from '../encode.js';
import { refuse, refuseError, said } from '../errors.js';
import type { UpEndWatch, UpWatchRequest } from '../up.js';
import { speechOf, type ViewerScope } from './scope.js';

const deviceIdCheck = compile(DeviceId);
const sessionIdCheck = compile(WatchSessionId);

export function requestWatch(scope: ViewerScope, { request_id, payload }: UpWatchRequest): Commands {
  const { device_id: deviceId } = payload;
  if (!deviceIdCheck.is(deviceId)) return refuse(speechOf(scope, request_id), said.deviceNotFound);
  const { connectionId, gatewayId } = scope.context;
  const request = { deviceId, userId: scope.identity.userId, connectionId, gatewayId };
  return [
    call(watch.request, request, (outcome) => {
      const speech = speechOf(scope, request_id);
      if (!outcome.ok) return refuseError(speech, outcome.error, said.deviceNotFound);
      if (outcome.value.result === 'offline') return refuse(speech, said.deviceOffline);
      const { sessionId: session_id, iceServers: ice_servers } = outcome.value;
      return [reply(speech, { type: 'watch_ready', payload: { session_id, ice_servers } })];
    }),
  ];
}

/** Who ends a session is answered here; the other party is told by an event. */
export function endWatch(scope: ViewerScope, { request_id, payload }: UpEndWatch): Commands {
  const { session_id: sessionId } = payload;
  if (!sessionIdCheck.is(sessionId)) return refuse(speechOf(scope, request_id), said.sessionNotFound);
  const request = { sessionId, userId: scope.identity.userId, connectionId: scope.context.connectionId };
  return [
    call(watch.end, request, (outcome) => {
      const speech = speechOf(scope, request_id);
      if (!outcome.ok) return refuseError(speech, outcome.error, said.sessionNotFound);
      return [reply(speech, { type: 'watch_ended', payload: { session_id: sessionId, reason: 'user_ended' } })];
    }),
  ];
}
