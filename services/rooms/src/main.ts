import { runService, startNest } from '@parley/service';
import { requireRoomForEvents } from './event-batches.js';
import { roomsModule } from './rooms.module.js';
import { roomsOptions } from './rooms.options.js';
import { RoomsReplica } from './rooms-replica.js';
import type { RoomsTables } from './rooms.tables.js';

await runService({
  name: 'rooms',
  options: roomsOptions,
  async start(context) {
    const { bus, options, logger, instanceId } = context;
    const database = await context.openDatabase<RoomsTables>({
      migrations: new URL('../migrations/', import.meta.url),
    });
    requireRoomForEvents(options.operationMaxBytes, bus.maxBytes());
    const nest = await startNest(context, roomsModule({ bus, database, options, logger, instanceId }));
    const replica = nest.get(RoomsReplica);
    return { intake: await replica.start(), close: () => replica.close() };
  },
});
