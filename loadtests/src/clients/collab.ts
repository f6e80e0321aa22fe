import type { AppliedOperation, Down } from '@parley/dialects/collab/down';
import type { Connect, JoinRoom, Operation } from '@parley/dialects/collab/up';
import type { Static } from '@sinclair/typebox';
import { setTimeout } from 'k6/timers';
import type { User } from '../lib/accounts.js';
import { isFields, parse, textIn, uuid, type Plain } from '../lib/json.js';
import type { Line } from '../lib/line.js';
import { ackMs, acked, complain, deliveryMs, disorder, received, repeated } from '../lib/measures.js';
import { askNow } from '../lib/rest.js';
import type { Role } from '../lib/returning.js';

const DIALECT = { dialect: 'collab' };
const AGAIN_MS = 500;

interface Pending {
  readonly id: string;
  readonly word: string;
  readonly at: number;
  done(): void;
}

/**
 * Types words at the beginning of a text, one operation on its way at a time. Whoever inserts at the beginning need not
 * transform: the operation is right on any version. It counts versions, so that it notices one that did not come.
 */
export class CollabWriter implements Role {
  readonly dialect = 'collab';
  /** Words whose operation was acknowledged. */
  readonly acknowledged: string[] = [];
  /** The newest that it knows of. */
  version = 0;
  private connectionId: string | undefined;
  private line: Line | undefined;
  private pending: Pending | undefined;

  constructor(
    private readonly user: User,
    private readonly roomId: string,
  ) {}

  path(): string {
    return '/ws/collab';
  }

  opened(line: Line): void {
    const again = this.connectionId === undefined ? {} : { connectionId: this.connectionId };
    const message: Plain<Static<typeof Connect>> = {
      ...head('connect'),
      payload: { token: this.user.token, deviceId: 'load', clientVersion: '1', ...again },
    };
    line.say(message);
  }

  lost(): void {
    this.line = undefined;
  }

  heard(text: string, line: Line): 'there' | undefined {
    const message = parse(text);
    if (!isDown(message)) return undefined;
    switch (message.type) {
      case 'connected':
        this.connectionId = message.payload.connectionId;
        this.join(line);
        return undefined;
      case 'room_joined':
        this.joined(message.payload);
        this.line = line;
        this.send();
        return 'there';
      case 'operation_broadcast':
        this.applied(message.payload.transformedVersion, message.payload.operation);
        return undefined;
      case 'ack':
        this.acked(message.payload);
        return undefined;
      case 'error':
        this.refused(message.payload, line);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Until it is acknowledged, on whatever connection. */
  type(word: string): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => resolve();
      this.pending = { id: uuid(), word, at: Date.now(), done };
      this.send();
    });
  }

  private send(): void {
    if (this.pending === undefined || this.line === undefined) return;
    const message: Plain<Static<typeof Operation>> = {
      ...head('operation', this.pending.id),
      roomId: this.roomId,
      payload: { operation: [this.pending.word], version: this.version },
    };
    this.line.say(message);
  }

  private join(line: Line): void {
    const again = this.version > 0 ? { lastSyncVersion: this.version } : {};
    const message: Plain<Static<typeof JoinRoom>> = {
      ...head('join_room'),
      payload: { roomId: this.roomId, ...again },
    };
    line.say(message);
  }

  private joined({ version, recovered, operations }: Extract<Down, { type: 'room_joined' }>['payload']): void {
    if (this.version > 0 && !recovered) complain(`collab: what came after ${this.version} is not there any more`);
    for (const operation of operations ?? []) this.caughtUp(operation);
    this.version = Math.max(this.version, version);
  }

  private caughtUp({ transformedVersion, operation }: AppliedOperation): void {
    this.applied(transformedVersion, operation);
  }

  /** Of everybody's operations, in one order, none is left out. */
  private applied(version: number, operation?: unknown): void {
    if (version <= this.version) repeated.add(1, DIALECT);
    else if (version > this.version + 1) disorder.add(1, DIALECT);
    this.version = Math.max(this.version, version);
    if (operation === undefined) return;
    received.add(1, DIALECT);
    const sentAt = sentAtOf(operation);
    if (sentAt !== undefined) deliveryMs.add(Date.now() - sentAt, DIALECT);
  }

  private acked({ messageId, version }: { readonly messageId: string; readonly version?: number }): void {
    const { pending } = this;
    if (pending?.id !== messageId || version === undefined) return;
    // One that was done before the connection was lost is acknowledged with its place, which is known by now.
    if (version > this.version) this.applied(version);
    this.pending = undefined;
    this.acknowledged.push(pending.word);
    acked.add(1, DIALECT);
    ackMs.add(Date.now() - pending.at, DIALECT);
    pending.done();
  }

  private refused(
    { code, message, details, recoverable }: Extract<Down, { type: 'error' }>['payload'],
    line: Line,
  ): void {
    if (!recoverable) {
      complain(`collab: ${code} ${message}`);
      return;
    }
    const anew = code === 3002 || details.messageId === undefined;
    setTimeout(() => {
      if (!line.open) return;
      if (anew || this.line === undefined) this.join(line);
      else this.send();
    }, details.retryAfterMs ?? AGAIN_MS);
  }
}

/** A word says who typed it and when. */
export function wordOf(writer: number, n: number): string {
  return `[${writer}.${n}.${Date.now()}]`;
}

function sentAtOf(operation: unknown): number | undefined {
  const text = Array.isArray(operation) ? operation.find((part) => typeof part === 'string') : undefined;
  const found = typeof text === 'string' ? /\.(\d+)\]/.exec(text) : null;
  return found === null ? undefined : Number(found[1]);
}

/** In setup: an empty public text. */
export function makeRoom(owner: User): string {
  const { status, body } = askNow('POST', '/rooms', owner.token, { type: 'text', content: '', public: true });
  if (status !== 201) throw new Error(`no room: ${status} ${JSON.stringify(body)}`);
  return textIn(body, 'id');
}

function head<N extends string>(type: N, id = uuid()): { id: string; type: N; version: 1; timestamp: number } {
  return { id, type, version: 1, timestamp: Date.now() };
}

/** The server is believed here; whether it keeps to the protocol is what the conformance kit asks. */
function isDown(value: unknown): value is Down {
  return isFields(value) && typeof value['type'] === 'string' && isFields(value['payload']);
}
