import { runService, startNest } from '@parley/service';
import { signalingModule } from './signaling.module.js';
import { signalingOptions } from './signaling.options.js';
import { SignalingReplica } from './signaling-replica.js';
import type { SignalingTables } from './signaling.tables.js';

await runService({
  name: 'signaling',
  options: signalingOptions,
  async start(context) {
    const { bus, options, logger, instanceId } = context;
    const database = await context.openDatabase<SignalingTables>({
      migrations: new URL('../migrations/', import.meta.url),
    });
    const nest = await startNest(context, signalingModule({ bus, database, options, logger, instanceId }));
    const replica = nest.get(SignalingReplica);
    return { intake: await replica.start(), close: () => replica.close() };
  },
});
