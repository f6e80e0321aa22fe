import { Module, type DynamicModule } from '@nestjs/common';
import { SignalingReplica, type ReplicaParts } from './signaling-replica.js';

@Module({})
export class SignalingModule {}

export function signalingModule(parts: ReplicaParts): DynamicModule {
  return {
    module: SignalingModule,
    providers: [{ provide: SignalingReplica, useFactory: () => new SignalingReplica(parts) }],
  };
}
