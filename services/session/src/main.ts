import { runService, startNest } from '@parley/service';
import { sessionModule } from './session.module.js';
import { sessionOptions } from './session.options.js';
import { SessionReplica } from './session-replica.js';
import type { SessionTables } from './session.tables.js';

await runService({
  name: 'session',
  options: sessionOptions,
  async start(context) {
    const { bus, options, logger, instanceId } = context;
    const database = await context.openDatabase<SessionTables>({
      migrations: new URL('../migrations/', import.meta.url),
    });
    const nest = await startNest(context, sessionModule({ bus, database, options, logger, instanceId }));
    const replica = nest.get(SessionReplica);
    return { intake: await replica.start(), close: () => replica.close() };
  },
});
