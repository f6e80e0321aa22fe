import { Module, type DynamicModule } from '@nestjs/common';
import { RoomsReplica, type ReplicaParts } from './rooms-replica.js';

@Module({})
export class RoomsModule {}

export function roomsModule(parts: ReplicaParts): DynamicModule {
  return {
    module: RoomsModule,
    providers: [{ provide: RoomsReplica, useFactory: () => new RoomsReplica(parts) }],
  };
}
