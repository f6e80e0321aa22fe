// Loaded first, since it patches `pg` and `http` as they are loaded: see `instrumentations` in @parley/telemetry.
import '@parley/telemetry';
import type { OptionDefinitions } from '@parley/config';
import type { ServiceDefinition } from './definition.js';
import { ServiceLife } from './service-life.js';

/**
 * The whole life of a service's process, from the environment to the exit code. Resolves when the service has started;
 * from then on SIGTERM or SIGINT ends it: readiness off, intake stopped, drained, closed, exit code 0, or 1 when the
 * deadline cut something off. A start that fails says so on standard error, with exit code 1.
 */
export async function runService<D extends OptionDefinitions>(definition: ServiceDefinition<D>): Promise<void> {
  const life = new ServiceLife(definition.name, process.env);
  try {
    await life.start(definition);
  } catch (error) {
    await life.fail(error);
  }
}
