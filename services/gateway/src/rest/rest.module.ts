import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import type { GatewayOptions } from '../gateway.options.js';
import type { TokenVerifier } from '../login/token-verifier.js';
import { AdminController } from './admin.controller.js';
import { AuthController } from './auth.controller.js';
import { Callers } from './callers.js';
import { NotificationsController } from './notifications.controller.js';
import { READINESS, ReadinessController, type Readiness } from './readiness.controller.js';
import { BUS } from './tokens.js';
import { TopicsController } from './topics.controller.js';
import { UsersController } from './users.controller.js';

export interface RestParts {
  readonly bus: Bus;
  readonly verifier: TokenVerifier;
  readonly options: GatewayOptions;
  readonly readiness: Readiness;
}

@Module({})
export class RestModule {}

/** One controller per resource. */
export function restModule({ bus, verifier, options, readiness }: RestParts): DynamicModule {
  return {
    module: RestModule,
    controllers: [
      ReadinessController,
      AuthController,
      UsersController,
      TopicsController,
      NotificationsController,
      AdminController,
    ],
    providers: [
      { provide: READINESS, useValue: readiness },
      { provide: BUS, useValue: bus },
      { provide: Callers, useValue: new Callers(verifier, options.apiKeys, options.trustedProxies) },
    ],
  };
}
