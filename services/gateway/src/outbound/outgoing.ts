import type { ReceivedEvent } from '@parley/bus';
import type { ConnectionId } from '@parley/contracts';
import type { Delivery, Dialect, Encoded } from '@parley/dialects';
import { wireFrames } from '../socket/wire.js';

/**
 * In which of its forms a receiver gets an event: the sum of what applies. A number, since it is looked at for every
 * receiver of every event.
 */
export const DEFLATED = 1;
export const ALTERNATIVE = 2;

/** What has to be known of a receiver. */
export interface Addressee {
  readonly id: ConnectionId;
  readonly form: number;
}

/** Where an event came from, by which is decided whom it is news to. */
export interface Origin {
  /** 0 for live events, which have none. */
  readonly sequence: number;
  /** Read from the stream after the fact: only for those who had already joined when it was stored. */
  readonly repaired: boolean;
  /** Came here by a route: its sequence is of another subject than the channel's. */
  readonly routed: boolean;
}

/**
 * A part of an event as it leaves: one buffer per form for all receivers of a dialect, made when the first one needs it. What
 * one receiver gets in its place is made for that one.
 */
export class Outgoing {
  private readonly wires: Buffer[] = [];

  constructor(
    private readonly dialect: Dialect,
    private readonly encoded: Encoded,
    readonly origin: Origin,
    /** Its place among the parts of its event. */
    readonly part: number,
  ) {}

  get delivery(): Delivery {
    return this.encoded.delivery;
  }

  get urgent(): boolean {
    return this.encoded.urgent ?? false;
  }

  get except(): ConnectionId | undefined {
    return this.encoded.except;
  }

  /** For limits, which take no notice of forms. */
  get bytes(): number {
    return this.wire(0).length;
  }

  wire(form: number): Buffer {
    const { frames, alternative = frames } = this.encoded;
    const own = alternative === frames ? form & DEFLATED : form;
    return (this.wires[own] ??= wireFrames((own & ALTERNATIVE) === 0 ? frames : alternative, this.compression(own)));
  }

  /** For this receiver, which may be the exception; undefined: nothing. */
  wireFor({ id, form }: Addressee): Buffer | undefined {
    return id === this.except ? this.instead(form) : this.wire(form);
  }

  /** What the exception gets. */
  instead(form: number): Buffer | undefined {
    const { instead } = this.encoded;
    return instead === undefined || instead.length === 0 ? undefined : wireFrames(instead, this.compression(form));
  }

  private compression(form: number) {
    return (form & DEFLATED) === 0 ? undefined : this.dialect.compression;
  }
}

/** An event in a dialect's words; empty when the dialect has none for it. */
export function outgoingOf(dialect: Dialect, event: ReceivedEvent, origin: Origin): readonly Outgoing[] {
  const encoded = dialect.encoders.get(event.kind)?.encode(event);
  if (encoded === undefined) return [];
  if ('frames' in encoded) return [new Outgoing(dialect, encoded, origin, 0)];
  return encoded.map((one, part) => new Outgoing(dialect, one, origin, part));
}
