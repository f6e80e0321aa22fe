import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import type { Gateway } from './gateway.js';
import type { GatewayOptions } from './gateway.options.js';
import { restModule } from './rest/rest.module.js';
import type { Readiness } from './rest/readiness.controller.js';
import { Connections } from './socket/connections.js';
import { gatewayFor } from './socket/dialect.gateway.js';
import { entrances, UpgradeRouter } from './socket/upgrade-router.js';

@Module({})
export class GatewayModule {}

/** The one module: a gateway class per entrance, and the REST resources. */
export function gatewayModule(
  gateway: Gateway,
  bus: Bus,
  options: GatewayOptions,
  readiness: Readiness,
): DynamicModule {
  return {
    module: GatewayModule,
    imports: [restModule({ bus, verifier: gateway.verifier, options, readiness })],
    providers: [
      { provide: Connections, useValue: gateway.connections },
      { provide: UpgradeRouter, useValue: gateway.router },
      ...entrances.map(gatewayFor),
    ],
  };
}
