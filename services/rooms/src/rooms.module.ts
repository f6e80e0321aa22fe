import { Module, type DynamicModule } from '@nestjs/common';
import type { ReplicaParts } from './assemble-rooms.js';
import { RoomsReplica } from './rooms-replica.js';

@Module({})
export class RoomsModule {}

export function roomsModule(parts: ReplicaParts): DynamicModule {
  return {
    module: RoomsModule,
    providers: [{ provide: RoomsReplica, useFactory: () => new RoomsReplica(parts) }],
  };
}
