import { connectBus } from '@parley/bus';
import { loadOptions, OptionsError, unknownVariables, type Environment, type OptionDefinitions } from '@parley/config';
import type { ServiceName } from '@parley/contracts';
import type { Database } from '@parley/database';
import { createLogger, observe, redactText, startTelemetry, type Logger } from '@parley/telemetry';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { commonOptions, databaseOptions, sampleRatioOf, type CommonOptions } from './common-options.js';
import { DatabaseWatch } from './database-watch.js';
import type { OpenDatabaseOptions, Running, ServiceContext, ServiceDefinition } from './definition.js';
import { loadAll } from './load-all.js';
import { Parts } from './parts.js';
import { startProbes, type Probes } from './probes.js';
import { busCheck, Readiness } from './readiness.js';
import { runStages } from './shutdown.js';

const FAILED_START_MS = 3_000;
const EARLY_END_MS = 5_000;
const ANNOUNCE_POLL_MS = 20;

/** One process from its start to its end; see `runService`. */
export class ServiceLife {
  private logger: Logger;
  private readonly instanceId = randomUUID();
  private readonly readiness = new Readiness();
  private readonly parts = new Parts();
  private readonly shutdown = new AbortController();
  private readonly known: OptionDefinitions[] = [commonOptions];
  private deadlineMs = EARLY_END_MS;
  private ending = false;

  constructor(
    private readonly name: ServiceName,
    private readonly env: Environment,
  ) {
    this.logger = createLogger(name);
    // Both also during the start, which may be waiting for NATS or Postgres.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.end(signal));
    process.on('uncaughtException', (error) => {
      // Nothing is known about the state any more: no orderly end, but a trace of why.
      this.logger.fatal({ err: error }, 'a fault of ours ended the process');
      process.exit(1);
    });
  }

  async start<D extends OptionDefinitions>(definition: ServiceDefinition<D>): Promise<void> {
    this.known.push(definition.options);
    const { common, options } = loadAll(definition.options, this.env);
    this.logger = createLogger(this.name, { level: common.logLevel });
    this.deadlineMs = 1_000 * (common.shutdownSeconds + (definition.drainSeconds?.(options) ?? 0));
    await this.startTelemetry(common);
    const probes = await startProbes(common.metricsHost, common.metricsPort, this.readiness);
    this.parts.probes = probes;

    const bus = await connectBus({
      ...natsOptions(common),
      name: `parley-${this.name}`,
      logger: this.logger,
      ...definition.busOptions?.(options),
    });
    this.parts.bus = bus;
    this.readiness.add(busCheck(bus));

    const running = await definition.start(this.context(common, options, bus));
    this.parts.running = running;
    if (running.ready !== undefined) this.readiness.add(() => running.ready?.());
    if (this.ending) return;
    this.readiness.started();
    for (const line of unknownVariables(this.env, ...this.known)) this.logger.warn(line);
    this.logger.info({ port: probes.port, version: common.version, instance: this.instanceId }, 'started');
    if (common.announce) void this.announce(running, probes);
  }

  /** What was started is taken down again, so that leases are free at once. */
  async fail(error: unknown): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    process.stderr.write(`${this.name} cannot start: ${explain(error)}\n`);
    this.logger.debug({ err: error }, 'start failed');
    this.shutdown.abort();
    await runStages(this.parts.stages(), FAILED_START_MS, this.logger);
    process.exit(1);
  }

  private async end(signal: string): Promise<void> {
    // A terminal sends SIGINT to the whole group, and the parent SIGTERM after it; the deadline stands in any case.
    if (this.ending) return;
    this.ending = true;
    const startedAt = performance.now();
    this.logger.info({ signal, deadlineMs: this.deadlineMs }, 'shutting down');
    this.readiness.stopping();
    this.shutdown.abort();
    const clean = await runStages(this.parts.stages(), this.deadlineMs, this.logger);
    const ms = Math.round(performance.now() - startedAt);
    this.logger.info({ ms, clean }, 'shut down');
    process.exit(clean ? 0 : 1);
  }

  private async startTelemetry(common: CommonOptions): Promise<void> {
    await startTelemetry({
      service: this.name,
      version: common.version,
      instanceId: this.instanceId,
      sampleRatio: sampleRatioOf(common),
      trustIncoming: common.traceTrustIncoming,
      exportSpans: common.otlpEndpoint !== undefined,
      disabled: common.telemetryDisabled,
      logger: this.logger,
    });
    observe('parley.ready', { unit: '{process}', description: '1 while this process wants work, else 0.' }, () =>
      this.readiness.ready ? 1 : 0,
    );
  }

  private context<O>(common: CommonOptions, options: O, bus: ServiceContext<O>['bus']): ServiceContext<O> {
    return {
      name: this.name,
      instanceId: this.instanceId,
      options,
      common,
      bus,
      logger: this.logger,
      readiness: this.readiness,
      shutdown: this.shutdown.signal,
      openDatabase: <T>(open: OpenDatabaseOptions) => this.openDatabase<T>(open),
      onClose: (name, close) => {
        this.parts.closers.push({ name, run: close });
      },
    };
  }

  private async openDatabase<T>(open: OpenDatabaseOptions): Promise<Database<T>> {
    this.known.push(databaseOptions);
    const settings = loadOptions(databaseOptions, this.env);
    // The gateway has no database, and so need not carry its driver.
    const { openDatabase } = await import('./open-database.js');
    const database = await openDatabase<T>(this.name, settings, open, this.logger);
    this.parts.databases.push(database);
    const watch = new DatabaseWatch(database, this.logger);
    this.readiness.add(watch.check);
    watch.start();
    return database;
  }

  /** The line for whoever started us: once, when the first work may come. */
  private async announce(running: Running, probes: Probes): Promise<void> {
    while (!this.readiness.ready) {
      if (this.ending) return;
      await sleep(ANNOUNCE_POLL_MS);
    }
    const line = { ready: true, service: this.name, port: probes.port, ...running.announce };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

function natsOptions(common: CommonOptions) {
  return {
    servers: common.natsUrl,
    replicas: common.natsReplicas,
    ...(common.natsUser === undefined ? {} : { user: common.natsUser }),
    ...(common.natsPassword === undefined ? {} : { password: common.natsPassword }),
    ...(common.natsToken === undefined ? {} : { token: common.natsToken }),
  };
}

/** One line, but for a configuration with several problems, which gets one line each. */
function explain(error: unknown): string {
  if (error instanceof OptionsError) return redactText(error.message);
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return redactText(message).replaceAll(/\s+/g, ' ');
}
