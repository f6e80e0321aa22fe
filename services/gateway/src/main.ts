import { NestLogger, runService } from '@parley/service';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveConsole } from './console/serve-console.js';
import { Gateway } from './gateway.js';
import { observeStreams, observeSubscriptions, observeUnsent } from './gateway.metrics.js';
import { gatewayModule } from './gateway.module.js';
import { gatewayOptions } from './gateway.options.js';
import { Listeners } from './lifecycle/listeners.js';
import { configureRest } from './rest/configure-rest.js';
import { DialectWsAdapter } from './socket/dialect-ws.adapter.js';

/** Beside its WebSockets a gateway answers this many REST connections at once, and waits for as many upgrades. */
const REST_SOCKETS = 1_000;

await runService({
  name: 'gateway',
  options: gatewayOptions,
  drainSeconds: (options) => options.drainSeconds,
  busOptions: (options) => ({
    topics: { maxPerSubject: options.topicsKeptMessages },
    receiptsMs: options.broadcastReceiptsMs,
  }),
  async start({ bus, options, logger, readiness }) {
    const gateway = new Gateway(bus, options, logger);
    const app = await NestFactory.create<NestExpressApplication>(
      gatewayModule(gateway, bus, options, () => readiness.reasons()),
      { logger: new NestLogger(logger), rawBody: true, abortOnError: false },
    );
    configureRest(app, logger);
    await serveConsole(app, options, logger);
    app.useWebSocketAdapter(new DialectWsAdapter(app, gateway.router, options));
    await gateway.start();
    observeSubscriptions(() => gateway.subscriptions.size);
    observeStreams(() => gateway.subscriptions.lags());
    observeUnsent(() => gateway.connections.unsent());
    await app.init();
    const listeners = new Listeners(app.getHttpAdapter().getInstance(), gateway.router, {
      headersMs: options.loginDeadlineMs,
      sockets: options.maxConnections + REST_SOCKETS,
    });
    const ports = await listeners.listen(options.ports, options.host);
    logger.info({ ports, gatewayId: gateway.id }, 'listening');
    return {
      announce: { ports },
      ready: () => gateway.notReady(),
      drain: () => gateway.drain(),
      close: async () => {
        // Not before the drain: who comes meanwhile is told to try elsewhere, which a closed port would not say.
        await listeners.close();
        await gateway.close();
        await app.close();
      },
    };
  },
});
