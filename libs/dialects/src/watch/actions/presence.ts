import { devices } from '@parley/contracts';
import { call, none, type Commands } from '../../command.js';
import { refuseError, said } from '../errors.js';
import type { UpPresence } from '../up.js';
import { speechOf, type DeviceScope } from './scope.js';

/** The document knows no answer to it but an error. */
export function tellPresence(scope: DeviceScope, { request_id, presence }: UpPresence): Commands {
  const { connectionId } = scope.context;
  const request = { deviceId: scope.identity.deviceId, connectionId, presence: { ...presence } };
  return [
    call(devices.setPresence, request, (outcome) =>
      outcome.ok ? none : refuseError(speechOf(scope, request_id), outcome.error, said.deviceNotFound),
    ),
  ];
}
