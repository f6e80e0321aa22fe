import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import type { GatewayOptions } from '../gateway.options.js';
import type { TokenVerifier } from '../login/token-verifier.js';
import { AdminReportsController } from './admin-reports.controller.js';
import { AdminController } from './admin.controller.js';
import { AuthController } from './auth.controller.js';
import { ChannelsController } from './channels.controller.js';
import { DevicesController } from './devices.controller.js';
import { MessagesController } from './messages.controller.js';
import { asyncApi, dialects } from '@parley/dialects';
import { ASYNCAPI, AsyncApiController } from './asyncapi.controller.js';
import { openApi } from './openapi.js';
import { OPENAPI, OpenApiController } from './openapi.controller.js';
import { RoomsController } from './rooms.controller.js';
import { ServersController } from './servers.controller.js';
import { SessionsController } from './sessions.controller.js';
import { VoiceController } from './voice.controller.js';
import { WatchSessionsController } from './watch-sessions.controller.js';
import { Callers } from './callers.js';
import { NotificationsController } from './notifications.controller.js';
import { PeopleController } from './people.controller.js';
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

/** One controller per resource. */
export const controllers = [
  ReadinessController,
  OpenApiController,
  AsyncApiController,
  AuthController,
  UsersController,
  PeopleController,
  ServersController,
  ChannelsController,
  MessagesController,
  VoiceController,
  RoomsController,
  SessionsController,
  DevicesController,
  WatchSessionsController,
  TopicsController,
  NotificationsController,
  AdminController,
  AdminReportsController,
];

/** Of the API; the wire protocols count their own. */
const API_VERSION = '1.0';

@Module({})
export class RestModule {}

export function restModule({ bus, verifier, options, readiness }: RestParts): DynamicModule {
  return {
    module: RestModule,
    controllers,
    providers: [
      { provide: OPENAPI, useValue: openApi(controllers, API_VERSION) },
      { provide: ASYNCAPI, useValue: new Map(dialects.map((dialect) => [dialect.name, asyncApi(dialect)])) },
      { provide: READINESS, useValue: readiness },
      { provide: BUS, useValue: bus },
      { provide: Callers, useValue: new Callers(verifier, options.apiKeys, options.trustedProxies) },
    ],
  };
}
