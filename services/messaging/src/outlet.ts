import type { Bus, PublishOptions } from '@parley/bus';
import {
  compile,
  ConnectionId,
  directMessage,
  directWaiting,
  newMessageId,
  NOTIFICATION_ALL,
  notificationSent,
  ok,
  userNotificationSent,
  type DirectMessage,
  type EventDefinition,
  type Notification,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';

/** To how many connections gateways wrote, and to which. */
export interface Delivery {
  readonly count: number;
  readonly connectionIds: readonly ConnectionId[];
}

type Sent<T> = Promise<Outcome<T, 'unavailable' | 'timeout' | 'internal'>>;

/** Longest waits for receipts, in milliseconds. */
export interface ReceiptWaits {
  /** Long: a message whose receipt is missed waits in the queue although it was written. */
  readonly directReceiptsMs: number;
  readonly notificationReceiptsMs: number;
}

const connectionId = compile(ConnectionId);

/** Well below the deadline of `sendDirect`, whose recipient's next messages wait meanwhile. */
const PUBLISH_MS = 2_000;

/** What this service tells gateways, and what they answer. */
export class Outlet {
  constructor(
    private readonly bus: Pick<Bus, 'publish' | 'receipts'>,
    private readonly waits: ReceiptWaits,
  ) {}

  deliver(message: DirectMessage, payload: Uint8Array): Sent<Delivery> {
    const { messageId, to } = message;
    const { directReceiptsMs } = this.waits;
    return this.#counted(directMessage, to, message, directReceiptsMs, { messageId, body: payload });
  }

  notifyAll(notification: Notification): Sent<Delivery> {
    return this.#counted(notificationSent, NOTIFICATION_ALL, notification, this.waits.notificationReceiptsMs);
  }

  notifyUser(userId: UserId, notification: Notification): Sent<Delivery> {
    return this.#counted(userNotificationSent, userId, notification, this.waits.notificationReceiptsMs);
  }

  /** Whoever serves the user should take what waits. */
  async announceWaiting(userId: UserId): Sent<void> {
    const options = { messageId: newMessageId(), deadlineMs: PUBLISH_MS };
    const published = await this.bus.publish(directWaiting, userId, { userId }, options);
    return published.ok ? ok(undefined) : published;
  }

  async #counted<P extends TSchema>(
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    receiptsMs: number,
    options: Pick<PublishOptions, 'messageId' | 'body'> = { messageId: newMessageId() },
  ): Sent<Delivery> {
    const receipts = this.bus.receipts(definition.subject(id));
    const published = await this.bus.publish(definition, id, payload, {
      ...options,
      receiptsTo: receipts.subject,
      deadlineMs: PUBLISH_MS,
    });
    if (!published.ok) {
      receipts.cancel();
      return published;
    }
    const { count, connectionIds } = await receipts.settled(receiptsMs);
    return ok({ count, connectionIds: connectionIds.filter((id) => connectionId.is(id)) });
  }
}
