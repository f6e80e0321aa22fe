import { connectBus, type Bus } from '@parley/bus';
import {
  newGatewayId,
  presence,
  presenceChanged,
  type GatewayId,
  type Outcome,
  type Presence,
  type UserId,
} from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startChild, startNats, waitFor, type Child, type TestNats } from '@parley/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusChoice } from '../presence-state.js';
import type { ConnectionReport, ReportAnswer } from '../report.js';
import { TestGateway } from './test-gateway.js';

const RETRY_MS = 100;
const DEADLINE_MS = 30_000;

/** A gateway whose lease a real process holds. */
export class LeasedGateway extends TestGateway {
  constructor(
    gatewayId: GatewayId,
    ask: (report: ConnectionReport) => Promise<Outcome<ReportAnswer>>,
    readonly process: Child,
  ) {
    super(gatewayId, ask);
  }
}

/** Real processes on a real NATS and a real database; the test itself is one more member of the bus. */
export class ClusterFixture {
  readonly #children = new Set<Child>();

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly database: { readonly url: string; drop(): Promise<void> },
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<ClusterFixture> {
    const [nats, database] = await Promise.all([startNats(), freshDatabase()]);
    const bus = await connectBus({
      servers: nats.url,
      name: 'test',
      logger: createLogger('test', { level: 'silent' }),
    });
    return new ClusterFixture(nats, bus, database, env);
  }

  /** A replica of the service. */
  async replica(): Promise<Child> {
    const child = await startChild({
      name: 'presence',
      command: process.execPath,
      args: [fileOf('../../dist/main.js')],
      env: {
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_DATABASE_URL: this.database.url,
        PARLEY_METRICS_PORT: '0',
        PARLEY_LOG_LEVEL: 'warn',
        PARLEY_ANNOUNCE: '1',
        ...this.env,
      },
    });
    this.#children.add(child);
    await child.line('its ready line', 20_000, (line) => (line.includes('"ready":true') ? line : undefined));
    return child;
  }

  async gateway(): Promise<LeasedGateway> {
    const gatewayId = newGatewayId();
    const child = await startChild({
      name: 'gateway',
      command: process.execPath,
      args: [fileOf('../../dist/test/gateway-main.js'), this.nats.url, gatewayId],
    });
    this.#children.add(child);
    await child.line('its lease', 15_000, (line) => (line === 'held' ? line : undefined));
    return new LeasedGateway(gatewayId, (report) => this.#report(report), child);
  }

  /** Every announcement of a user, in order, as the stream has them. */
  async heardOf(userId: UserId): Promise<readonly Presence[]> {
    const subject = presenceChanged.subject(userId);
    const read = await this.bus.read({ stream: 'EVENTS', subject, after: 0, limit: 1_000 });
    if (!read.ok) throw new Error(read.error.message);
    return read.value.events.flatMap((event) => presenceChanged.decode(event)?.payload ?? []);
  }

  async statuses(userId: UserId): Promise<readonly string[]> {
    return (await this.heardOf(userId)).map(({ status }) => status);
  }

  async untilSeenAs(userId: UserId, status: string, deadlineMs: number): Promise<void> {
    await waitFor(
      async () => (await this.statuses(userId)).at(-1) === status,
      `${userId} to be announced as ${status}`,
      deadlineMs,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children].filter(({ running }) => running).map((child) => child.stop(12_000)));
    await this.bus.close();
    await this.nats.stop();
    await this.database.drop();
  }

  async setStatus(choice: StatusChoice & { readonly userId: UserId }): Promise<void> {
    await persist(() => this.bus.call(presence.setStatus, choice));
  }

  /** As gateways do: the same report again until it is answered. */
  #report(report: ConnectionReport): Promise<Outcome<ReportAnswer>> {
    return persist(() =>
      this.bus.call(presence.report, { ...report, opened: [...report.opened], closed: [...report.closed] }),
    );
  }
}

async function persist<T>(ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer.ok || answer.error.code === 'invalid' || performance.now() > deadline) return answer;
    await sleep(RETRY_MS);
  }
}

function fileOf(path: string): string {
  return new URL(path, import.meta.url).pathname;
}
