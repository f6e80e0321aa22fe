import { runService, startNest } from '@parley/service';
import { presenceModule } from './presence.module.js';
import { presenceOptions } from './presence.options.js';
import { PresenceReplica } from './presence-replica.js';
import type { PresenceTables } from './presence.tables.js';

await runService({
  name: 'presence',
  options: presenceOptions,
  async start(context) {
    const { bus, options, logger, instanceId } = context;
    const database = await context.openDatabase<PresenceTables>({
      migrations: new URL('../migrations/', import.meta.url),
    });
    const nest = await startNest(context, presenceModule({ bus, database, options, logger, instanceId }));
    const replica = nest.get(PresenceReplica);
    return { intake: await replica.start(), close: () => replica.close() };
  },
});
