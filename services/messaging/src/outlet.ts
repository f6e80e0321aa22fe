import type { Bus } from '@parley/bus';
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

const connectionId = compile(ConnectionId);

/** Well below the deadline of `sendDirect`, whose recipient's next messages wait meanwhile. */
const PUBLISH_MS = 2_000;

/** What this service tells gateways, and what they answer. */
export class Outlet {
  constructor(
    private readonly bus: Pick<Bus, 'publish' | 'receipts'>,
    private readonly receiptsMs: number,
  ) {}

  deliver(message: DirectMessage, payload: Uint8Array): Sent<Delivery> {
    return this.#counted(directMessage, message.to, message, message.messageId, payload);
  }

  notifyAll(notification: Notification): Sent<Delivery> {
    return this.#counted(notificationSent, NOTIFICATION_ALL, notification, newMessageId());
  }

  notifyUser(userId: UserId, notification: Notification): Sent<Delivery> {
    return this.#counted(userNotificationSent, userId, notification, newMessageId());
  }

  /** Whoever serves the user should take what waits. */
  async announceWaiting(userId: UserId): Sent<void> {
    const published = await this.bus.publish(
      directWaiting,
      userId,
      { userId },
      {
        messageId: newMessageId(),
        deadlineMs: PUBLISH_MS,
      },
    );
    return published.ok ? ok(undefined) : published;
  }

  async #counted<P extends TSchema>(
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    messageId: string,
    body?: Uint8Array,
  ): Sent<Delivery> {
    const receipts = this.bus.receipts(definition.subject(id));
    const published = await this.bus.publish(definition, id, payload, {
      ...(body === undefined ? {} : { body }),
      messageId,
      receiptsTo: receipts.subject,
      deadlineMs: PUBLISH_MS,
    });
    if (!published.ok) {
      receipts.cancel();
      return published;
    }
    const { count, connectionIds } = await receipts.settled(this.receiptsMs);
    return ok({ count, connectionIds: connectionIds.filter((id) => connectionId.is(id)) });
  }
}
