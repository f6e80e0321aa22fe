import { connectBus, type Bus } from '@parley/bus';
import {
  newGatewayId,
  newSessionId,
  partyEvent,
  sessions,
  type GatewayId,
  type Outcome,
  type PartyMember,
  type SessionId,
} from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import {
  freshDatabase,
  startChild,
  startNats,
  startService,
  type Child,
  type ServiceProcess,
  type TestNats,
} from '@parley/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest, PartyNews } from './session-fixture.js';

const RETRY_MS = 100;
const DEADLINE_MS = 30_000;

/** Real processes of session and presence, and gateways that are only a lease. */
export class ProcessFixture {
  readonly #services: ServiceProcess[] = [];
  readonly #gateways: Child[] = [];

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly database: { readonly url: string; drop(): Promise<void> },
  ) {}

  static async start(): Promise<ProcessFixture> {
    const [nats, database] = await Promise.all([startNats(), freshDatabase()]);
    const logger = createLogger('test', { level: 'silent' });
    return new ProcessFixture(nats, await connectBus({ servers: nats.url, name: 'test', logger }), database);
  }

  async service(name: 'session' | 'presence', env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const started = await startService({
      name,
      main: new URL(`../../../${name}/dist/main.js`, import.meta.url).pathname,
      env: { PARLEY_NATS_URL: this.nats.url, PARLEY_DATABASE_URL: this.database.url, PARLEY_LOG_LEVEL: 'warn', ...env },
    });
    this.#services.push(started);
    return started;
  }

  async gateway(): Promise<{ readonly gatewayId: GatewayId; readonly process: Child }> {
    const gatewayId = newGatewayId();
    const main = new URL('../../dist/test/gateway-main.js', import.meta.url).pathname;
    const process_ = await startChild({
      name: 'gateway',
      command: process.execPath,
      args: [main, this.nats.url, gatewayId],
    });
    this.#gateways.push(process_);
    await process_.line('its lease', 20_000, (line) => line === 'held' || undefined);
    return { gatewayId, process: process_ };
  }

  async party(maxMembers = 10): Promise<SessionId> {
    const sessionId = newSessionId();
    const request = { sessionId, name: 'The Party', address: '192.0.2.7', maxMembers };
    await persist<object>(async () => {
      const made = await this.bus.call(sessions.create, request);
      // Made, but its owner died before it could say so.
      return !made.ok && made.error.code === 'conflict' ? { ok: true, value: {} } : made;
    });
    return sessionId;
  }

  async join(sessionId: SessionId, guest: Guest) {
    const joined = await persist(() => this.bus.call(sessions.join, { sessionId, ...guest }));
    if (joined.result !== 'joined') throw new Error(joined.result);
    return joined;
  }

  async leave(sessionId: SessionId, { connectionId }: Guest): Promise<void> {
    await persist(() => this.bus.call(sessions.leave, { sessionId, connectionId }));
  }

  async members(sessionId: SessionId): Promise<readonly PartyMember[]> {
    return (await persist(() => this.bus.call(sessions.members, { sessionId }))).members;
  }

  /** What was announced of a session, in order, as the stream has it. */
  async newsOf(sessionId: SessionId): Promise<readonly PartyNews[]> {
    const news: PartyNews[] = [];
    let after = 0;
    for (;;) {
      const subject = partyEvent.subject(sessionId);
      const read = await persist(() => this.bus.read({ stream: 'EVENTS', subject, after, limit: 1_000 }));
      for (const event of read.events) {
        const payload = partyEvent.decode(event)?.payload;
        if (payload !== undefined) news.push(payload);
      }
      after = read.events.at(-1)?.sequence ?? after;
      if (!read.more) return news;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#gateways.filter(({ running }) => running).map((gateway) => gateway.kill()));
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.bus.close();
    await this.nats.stop();
    await this.database.drop();
  }
}

/** As gateways do: the same question again until it is answered. */
async function persist<T>(ask: () => Promise<Outcome<T>>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer.ok) return answer.value;
    if (performance.now() > deadline) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    await sleep(RETRY_MS);
  }
}
