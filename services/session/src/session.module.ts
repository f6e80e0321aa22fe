import { Module, type DynamicModule } from '@nestjs/common';
import { SessionReplica, type ReplicaParts } from './session-replica.js';

@Module({})
export class SessionModule {}

export function sessionModule(parts: ReplicaParts): DynamicModule {
  return {
    module: SessionModule,
    providers: [{ provide: SessionReplica, useFactory: () => new SessionReplica(parts) }],
  };
}
