import 'reflect-metadata';
import '@parley/telemetry';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { joinEnvelope, newMessageId, topicMessage } from '@parley/contracts';
import { loadOptions } from '@parley/config';
import { createLogger, startTelemetry } from '@parley/telemetry';
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';
import { Gateway } from '../gateway.js';
import { gatewayOptions } from '../gateway.options.js';
import { Listeners } from '../lifecycle/listeners.js';
import { Connections } from '../socket/connections.js';
import { DialectWsAdapter } from '../socket/dialect-ws.adapter.js';
import { gatewayFor } from '../socket/dialect.gateway.js';
import { entrances, UpgradeRouter, type Entrance } from '../socket/upgrade-router.js';
import { LocalBus } from './local-bus.js';
import { nullDialect } from './null-dialect.js';

/**
 * The gateway as a process of its own without NATS behind it, driven over IPC by the benchmarks: `{ id, command, … }` is
 * answered `{ id, value }`, where every value is a number. With `RIG_DIALECT=none` it speaks a protocol that does nothing.
 * `RIG_TELEMETRY`: `off`, `metrics` (the default), or `traces`, which records one in a hundred of everything beside them.
 */
type Fields = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, number>>;

/** One event in so many comes with a recorded trace. */
const TRACED_EACH = 100;

@Module({})
class RigModule {}

const nothing: Entrance = { key: 'none', dialect: nullDialect, endpoint: { path: '/ws/topics' } };
const doors = process.env['RIG_DIALECT'] === 'none' ? [nothing] : entrances;

const options = loadOptions(gatewayOptions, process.env);
const telemetry = process.env['RIG_TELEMETRY'];
const traced = telemetry === 'traces';
await startTelemetry({
  service: 'gateway',
  version: 'bench',
  disabled: telemetry === 'off',
  exportSpans: traced,
  sampleRatio: 1 / TRACED_EACH,
});
const bus = new LocalBus(listOf(JSON.parse(process.env['RIG_KEYS'] ?? '[]')));
const gateway = new Gateway(bus, options, createLogger('bench'));
const router = new UpgradeRouter(gateway.admission, 0, doors);
const app = await NestFactory.create<NestExpressApplication>(rigModule(), { logger: false });
app.useWebSocketAdapter(new DialectWsAdapter(app, router, options));
await gateway.start();
await app.init();
const [port = 0] = await new Listeners(app.getHttpAdapter().getInstance(), router).listen([0, 0, 0], '127.0.0.1');

const commands: Readonly<Record<string, (fields: Fields) => Values | Promise<Values>>> = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { user, system };
  },
  connections: () => ({ connections: gateway.connections.size }),
  publications: () => ({ publications: bus.publications }),
  memory: () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
  /** `ticks` turns of the event loop, `events` events of one topic in each. */
  fanout: async ({ ticks, events }) => {
    for (let tick = 0; tick < Number(ticks); tick++) {
      for (let event = 0; event < Number(events); event++) deliverOne();
      await nextTick();
    }
    return {};
  },
};

let delivered = 0;
const topic = process.env['RIG_TOPIC'] ?? 'bench';
const payload = Buffer.from(process.env['RIG_PAYLOAD'] ?? '{}');

process.on('message', (message) => {
  if (typeof message !== 'object' || message === null || !('command' in message) || !('id' in message)) return;
  const { id, command, ...fields } = message;
  void answer(id, commands[String(command)]?.(fields));
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, value: { port } });

async function answer(id: unknown, value: Values | Promise<Values> | undefined): Promise<void> {
  process.send?.({ id, value: await value });
}

function deliverOne(): void {
  const message = { messageId: newMessageId(), topic, from: null, sentAt: Date.now(), format: 'json' };
  delivered += 1;
  const traceparent = traced && delivered % TRACED_EACH === 0 ? newTraceparent() : undefined;
  bus.deliver(topicMessage.subject(topic), joinEnvelope(message, payload), traceparent);
}

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

function rigModule(): DynamicModule {
  return {
    module: RigModule,
    providers: [
      { provide: Connections, useValue: gateway.connections },
      { provide: UpgradeRouter, useValue: router },
      ...doors.map(gatewayFor),
    ],
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
