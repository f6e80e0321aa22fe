// Brings one service's schema up to date, under the lock and with the checks of its own start. Run in the service's folder.
import { pathToFileURL } from 'node:url';
import { createDatabase, migrate } from '@parley/database';

const { PARLEY_SCHEMA: schema, PARLEY_DATABASE_URL: url } = process.env;
const say = (level) => (fields, text) => console.log(JSON.stringify({ level, schema, text, ...fields }));
const logger = { debug: () => {}, info: say('info'), warn: say('warn'), error: say('error') };
const database = createDatabase({ url, schema, poolSize: 1, name: `parley-migrate-${schema}`, logger });
try {
  const applied = await migrate(database, pathToFileURL(`${process.cwd()}/migrations/`));
  console.log(`${schema}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
} catch (error) {
  console.error(`${schema}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await database.close(1_000);
}
