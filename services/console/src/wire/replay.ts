import { isRecord } from '../session/json.js';
import type { WireDialect } from './wire-frame.js';

/** Where a frame does not say when its content happened: what comes this soon after the welcome was waiting. */
const AT_ONCE_MS = 500;

/**
 * Tells what a socket brings from before it was opened. `topics` dates its messages by the server's clock, as its welcome is
 * dated; `chat` dates what was written; `collab` names the operations that were missed; `watch` sends what waited at once;
 * `party` has no past, it sends its members anew.
 */
export class ReplayJudge {
  private welcomedAt: number | undefined;
  private serverTime = 0;

  constructor(
    private readonly dialect: WireDialect,
    private readonly reconnected: boolean,
  ) {}

  /** How many older happenings the message brings. */
  heard(message: unknown, now: number): number {
    if (!this.reconnected || !isRecord(message)) return 0;
    switch (this.dialect) {
      case 'topics':
        return this.topics(message, now);
      case 'chat':
        return this.chat(message, now);
      case 'collab':
        return collab(message);
      case 'watch':
        return this.watch(message, now);
      case 'party':
        return 0;
    }
  }

  private topics(message: Readonly<Record<string, unknown>>, now: number): number {
    const data = isRecord(message['data']) ? message['data'] : {};
    const details = isRecord(data['details']) ? data['details'] : {};
    if (message['type'] === 'Status' && data['status'] === 'connected') {
      this.serverTime = typeof details['server_time'] === 'number' ? details['server_time'] : now;
      return 0;
    }
    if (message['type'] !== 'Broadcast' && message['type'] !== 'DirectMessage') return 0;
    const metadata = [data['metadata'], message['metadata']].find(isRecord) ?? {};
    const { sent_at: sentAt } = metadata;
    return typeof sentAt === 'number' && sentAt < this.serverTime ? 1 : 0;
  }

  private chat(message: Readonly<Record<string, unknown>>, now: number): number {
    if (message['t'] === 'READY') {
      this.welcomedAt = now;
      return 0;
    }
    // Only what is stored can be repeated, and says so.
    if (this.welcomedAt === undefined || typeof message['s'] !== 'number') return 0;
    const d = isRecord(message['d']) ? message['d'] : {};
    const written = [d['updated_at'], d['created_at']].find((one) => typeof one === 'string');
    if (written !== undefined) return Date.parse(written) < this.welcomedAt ? 1 : 0;
    return now - this.welcomedAt < AT_ONCE_MS ? 1 : 0;
  }

  private watch(message: Readonly<Record<string, unknown>>, now: number): number {
    if (message['type'] === 'hello_ack') {
      this.welcomedAt = now;
      return 0;
    }
    if (this.welcomedAt === undefined || !WAITING.has(message['type'])) return 0;
    return now - this.welcomedAt < AT_ONCE_MS ? 1 : 0;
  }
}

const WAITING: ReadonlySet<unknown> = new Set([
  'watch_request',
  'watch_ended',
  'signal_offer',
  'signal_answer',
  'signal_ice',
]);

function collab(message: Readonly<Record<string, unknown>>): number {
  const payload = isRecord(message['payload']) ? message['payload'] : {};
  const { operations } = payload;
  return message['type'] === 'room_joined' && Array.isArray(operations) ? operations.length : 0;
}
