import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from '@parley/telemetry';
import { fileURLToPath } from 'node:url';
import type { GatewayOptions } from '../gateway.options.js';
import { readConsole } from './console-files.js';
import { consolePage } from './console-page.js';
import { otherGateways } from './other-gateways.js';

const BUILT = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** Before the application is initialized, so that it comes before the routes. */
export async function serveConsole(
  app: NestExpressApplication,
  options: GatewayOptions,
  logger: Logger,
): Promise<void> {
  if (options.consoleGateways.length > 0) app.use(otherGateways(options.consoleGateways));
  if (!options.console) return;
  const folder = options.consoleFolder ?? BUILT;
  const files = await readConsole(folder);
  if (files.size === 0) logger.info({ folder }, 'the console is not built');
  app.use(consolePage({ files, gateways: options.consoleGateways, demo: options.consoleDemo }));
}
