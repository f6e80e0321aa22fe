import { runService, startNest } from '@parley/service';
import { AuthHandlers } from './auth.handlers.js';
import { AuthLifecycle } from './auth.lifecycle.js';
import { authModule } from './auth.module.js';
import { authOptions } from './auth.options.js';
import type { AuthTables } from './auth.tables.js';

await runService({
  name: 'auth',
  options: authOptions,
  async start(context) {
    const database = await context.openDatabase<AuthTables>({ migrations: new URL('../migrations/', import.meta.url) });
    const nest = await startNest(context, authModule({ ...context, database }));
    const lifecycle = nest.get(AuthLifecycle);
    await lifecycle.start();
    return {
      intake: nest.get(AuthHandlers).serve(context.bus),
      close: () => lifecycle.stop(),
    };
  },
});
