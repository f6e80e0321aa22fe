import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import type { Gateway } from '../gateway.js';
import type { GatewayOptions } from '../gateway.options.js';
import { READINESS, ReadinessController, type Readiness } from './readiness.controller.js';

export interface RestParts {
  readonly gateway: Gateway;
  readonly bus: Bus;
  readonly options: GatewayOptions;
  readonly readiness: Readiness;
}

@Module({})
export class RestModule {}

/** One controller per resource. */
export function restModule({ readiness }: RestParts): DynamicModule {
  return {
    module: RestModule,
    controllers: [ReadinessController],
    providers: [{ provide: READINESS, useValue: readiness }],
  };
}
