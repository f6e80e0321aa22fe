import {
  compile,
  DeviceId,
  devices,
  watch,
  watchEvent,
  WatchSessionId,
  type AppError,
  type Outcome,
} from '@parley/contracts';
import { call, close, type Command, type Commands, type Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';
import { reply, type Speech, type Told } from '../encode.js';
import { closeCode, lastWords, said, tryAgainLater } from '../errors.js';
import { deviceLogin, keyOf } from '../handshake.js';
import type { UpDeviceHello, UpViewerHello } from '../up.js';
import { tokenTimer } from './renew.js';
import type { DeviceScope, Identity, Scope, ViewerScope } from './scope.js';

const deviceIdCheck = compile(DeviceId);
const sessionIdCheck = compile(WatchSessionId);

/** What the session wants to know on the way. */
export interface HelloSteps<S> {
  /** From here on the services may know of this connection, whatever is answered. */
  announcing(identity: Identity): void;
  done(scope: S): Commands;
}

/** The key is looked at, then the connection becomes the device's, then it listens, then it is what the device is reached by. */
export function deviceHello(
  context: SessionContext,
  { request_id, payload }: UpDeviceHello,
  steps: HelloSteps<DeviceScope>,
): Commands {
  const { device_id: deviceId, key = keyOf(context) } = payload;
  const speech = (): Speech => ({ at: context.now(), requestId: request_id });
  const unknown = (): Commands => lastWords(speech(), said.unauthorized, 'unknown device or wrong key');
  if (!deviceIdCheck.is(deviceId)) return unknown();
  const identity = { role: 'device', deviceId } as const;
  return [
    call(devices.authenticate, { deviceId, ...(key === undefined ? {} : { key }) }, (known) => {
      if (!known.ok) return isRefusal(known.error) ? unknown() : unable(known.error);
      const login = deviceLogin(deviceId, known.value.principalId, known.value.ownerId);
      return enter({ context, identity, login }, steps, (scope) => {
        const { connectionId, gatewayId } = context;
        return call(devices.connect, { deviceId, connectionId, gatewayId }, (connected) => {
          if (!connected.ok) return connected.error.code === 'not_found' ? unknown() : unable(connected.error);
          const ack: Told = { type: 'hello_ack', payload: { device_id: deviceId, server_time: isoNow(context) } };
          return [reply(speech(), ack), ...steps.done(scope)];
        });
      });
    }),
  ];
}

/** The token of the hello counts, or else that of the upgrade. */
export function viewerHello(
  context: SessionContext,
  upgraded: Login | undefined,
  { request_id, payload }: UpViewerHello,
  steps: HelloSteps<ViewerScope>,
): Commands {
  const { token, sessions } = payload;
  const speech = (): Speech => ({ at: context.now(), requestId: request_id });
  const invalid = (): Commands => lastWords(speech(), said.invalidToken, 'invalid token');
  const loggedIn = (login: Login): Commands => {
    const { userId } = login;
    return enter({ context, identity: { role: 'viewer', userId }, login }, steps, (scope) => {
      const { connectionId, gatewayId } = context;
      const sessionIds = sessions?.filter((id) => sessionIdCheck.is(id));
      const request = { userId, connectionId, gatewayId, ...(sessionIds === undefined ? {} : { sessionIds }) };
      return call(watch.connectViewer, request, (connected) => {
        if (!connected.ok) return unable(connected.error);
        const ack: Told = { type: 'hello_ack', payload: { user_id: userId, server_time: isoNow(context) } };
        return [...tokenTimer(login), reply(speech(), ack), ...steps.done(scope)];
      });
    });
  };
  if (token === undefined) return upgraded === undefined ? invalid() : loggedIn(upgraded);
  const then = (verified: Outcome<Login, 'unauthenticated'>): Commands =>
    verified.ok ? loggedIn(verified.value) : invalid();
  return [{ kind: 'authenticate', token, then }];
}

/** Counted as somebody's, and listening, before anybody can have something to tell it. */
function enter<S extends Scope>(scope: S, steps: HelloSteps<S>, announce: (scope: S) => Command): Commands {
  const { context, identity, login } = scope;
  return [
    {
      kind: 'log-in',
      login,
      then: (counted) => {
        if (!counted.ok) return [close(closeCode.policy, 'too many connections')];
        return [
          {
            kind: 'join',
            requests: [{ subject: watchEvent.subject(context.connectionId) }],
            then: (listening) => {
              if (!listening.ok) return tryAgainLater();
              steps.announcing(identity);
              return [announce(scope)];
            },
          },
        ];
      },
    },
  ];
}

function isRefusal({ code }: AppError): boolean {
  return code === 'unauthenticated' || code === 'rate_limited';
}

function unable({ code }: AppError): Commands {
  return code === 'internal' || code === 'invalid' ? [close(closeCode.internal, 'internal error')] : tryAgainLater();
}

function isoNow(context: SessionContext): string {
  return new Date(context.now()).toISOString();
}
