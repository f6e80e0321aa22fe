import { Module, type DynamicModule } from '@nestjs/common';
import { PresenceReplica, type ReplicaParts } from './presence-replica.js';

@Module({})
export class PresenceModule {}

export function presenceModule(parts: ReplicaParts): DynamicModule {
  return {
    module: PresenceModule,
    providers: [{ provide: PresenceReplica, useFactory: () => new PresenceReplica(parts) }],
  };
}
