import { compile, GatewayId } from '@parley/contracts';
import type { Msg } from '@nats-io/transport-node';
import { Type } from '@sinclair/typebox';
import type { PendingReceipts, Receipt, ReceiptsResult, ReceivedEvent, Stoppable } from './bus.js';
import type { Link } from './link.js';
import type { Gone, Requests } from './requests.js';
import { encodeJson, parse } from './wire.js';

/** Asked of every gateway: the payload is a published subject, the answer (only "nobody here") goes to the inbox. */
const ASK = 'rcpt.ask';
/** A place that nobody settles or cancels is cleared away. */
const FORGET_MS = 30_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const receiptCheck = compile(
  Type.Object({ gatewayId: GatewayId, count: Type.Integer({ minimum: 0 }), connectionIds: Type.Array(Type.String()) }),
);

/** Counts to how many connections an event was written, over all gateways. */
export class Receipts {
  /** @param gateways those known to be alive; empty when that is not known */
  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly gateways: () => readonly { readonly gatewayId: GatewayId }[],
    private readonly deadlineMs: number,
  ) {}

  open(subject: string): PendingReceipts {
    const place = new Place(this.gateways);
    const inbox = this.requests.open(FORGET_MS, (answer) => {
      place.take(answer);
    });
    this.link.publish(ASK, encoder.encode(subject), { reply: inbox.subject });
    return {
      subject: inbox.subject,
      settled: async (deadlineMs = this.deadlineMs) => {
        const result = await place.settled(deadlineMs);
        inbox.close();
        return result;
      },
      cancel: () => {
        inbox.close();
      },
    };
  }

  /** Those with receivers stay silent until they have delivered. */
  answer(gatewayId: GatewayId, interest: (subject: string) => boolean): Stoppable {
    const nobody = encodeJson({ gatewayId, count: 0, connectionIds: [] });
    const subscription = this.link.subscribe(ASK, ({ reply, data }) => {
      if (reply !== undefined && reply !== '' && !interest(decoder.decode(data))) this.link.publish(reply, nobody);
    });
    return {
      stop: () => {
        subscription.unsubscribe();
        return Promise.resolve();
      },
    };
  }

  send(event: ReceivedEvent, receipt: Receipt): void {
    if (event.receiptsTo !== undefined) this.link.publish(event.receiptsTo, encodeJson(receipt));
  }
}

/** The receipts of one event. */
class Place {
  private readonly receipts = new Map<GatewayId, Receipt>();
  /** Nobody at all answers receipts. */
  private refused = false;
  private wake: (() => void) | undefined;

  constructor(private readonly gateways: () => readonly { readonly gatewayId: GatewayId }[]) {}

  take(answer: Msg | Gone): void {
    if (answer === 'refused') this.refused = true;
    else if (typeof answer !== 'string') this.keep(answer);
    if (this.isComplete()) this.wake?.();
  }

  async settled(deadlineMs: number): Promise<ReceiptsResult> {
    if (!this.isComplete()) await this.wait(deadlineMs);
    let count = 0;
    const connectionIds: string[] = [];
    for (const receipt of this.receipts.values()) {
      count += receipt.count;
      connectionIds.push(...receipt.connectionIds);
    }
    return { count, connectionIds, incomplete: !this.isComplete() };
  }

  private wait(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private isComplete(): boolean {
    if (this.refused) return true;
    const known = this.gateways();
    // Who is there is not known: whoever wants to has until the deadline.
    if (known.length === 0) return false;
    return known.every(({ gatewayId }) => this.receipts.has(gatewayId));
  }

  /** "Nobody here" may be followed by a delivery after all; the larger of two answers of one gateway counts. */
  private keep(answer: Msg): void {
    const receipt = readReceipt(answer.data);
    if (receipt === undefined) return;
    const before = this.receipts.get(receipt.gatewayId);
    if (before === undefined || before.count < receipt.count) this.receipts.set(receipt.gatewayId, receipt);
  }
}

function readReceipt(data: Uint8Array): Receipt | undefined {
  try {
    const receipt = parse(data);
    return receiptCheck.is(receipt) ? receipt : undefined;
  } catch {
    return undefined;
  }
}
