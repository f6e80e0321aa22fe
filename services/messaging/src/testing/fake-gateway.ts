import type { Bus, EventSubscription, ReceivedEvent } from '@parley/bus';
import {
  directMessage,
  directWaiting,
  messaging,
  newConnectionId,
  newGatewayId,
  notificationSent,
  topicMessage,
  userNotificationSent,
  type ConnectionId,
  type DirectMessage,
  type UserId,
} from '@parley/contracts';

export interface Written {
  readonly connectionId: ConnectionId;
  readonly position: number;
  readonly text: string;
}

interface Served {
  readonly connections: Set<ConnectionId>;
  readonly subscriptions: readonly EventSubscription[];
  /** Of the newest message that was written to this user's connections here: what is not above it was written before. */
  position: number;
  taking: boolean;
  again: boolean;
}

const decoder = new TextDecoder();

/** Does with direct messages what a gateway has to do, and writes down what it would have written to sockets. */
export class FakeGateway {
  readonly gatewayId = newGatewayId();
  readonly written: Written[] = [];
  /** Times that a message came which had been written before. */
  repeats = 0;
  /** Keeps what it takes without confirming it, like a gateway that is about to die. */
  confirms = true;
  takeLimit = 100;
  /** How long it is too busy to say what it wrote. */
  receiptDelayMs = 0;
  /** Called when a direct message has come and is not written yet. */
  onDirect: (() => void) | undefined;
  readonly #users = new Map<UserId, Served>();

  private constructor(readonly bus: Bus) {}

  static async start(bus: Bus): Promise<FakeGateway> {
    const gateway = new FakeGateway(bus);
    bus.answerReceipts(gateway.gatewayId, (subject) => gateway.#isHeard(subject));
    const { gatewayId } = gateway;
    await bus.holdLease(() => ({ gatewayId, startedAt: 0, draining: false, connections: 0 }));
    await bus.flush();
    return gateway;
  }

  /** Subscribes first and takes what waits afterwards, so that nothing falls in between. */
  async connect(userId: UserId): Promise<ConnectionId> {
    const connectionId = newConnectionId();
    const served = this.#users.get(userId) ?? this.#serve(userId);
    served.connections.add(connectionId);
    await this.bus.flush();
    await new Promise<void>((resolve) => {
      this.take(userId, resolve);
    });
    return connectionId;
  }

  disconnect(userId: UserId): void {
    this.#users.get(userId)?.subscriptions.forEach((one) => {
      one.unsubscribe();
    });
    this.#users.delete(userId);
  }

  texts(connectionId: ConnectionId): readonly string[] {
    return this.written.filter((one) => one.connectionId === connectionId).map((one) => one.text);
  }

  /** Takes until nothing waits. One at a time per user; asked meanwhile, it goes round once more. */
  take(userId: UserId, firstPage: () => void = () => undefined): void {
    const served = this.#users.get(userId);
    if (served === undefined || served.taking) {
      if (served !== undefined) served.again = true;
      firstPage();
      return;
    }
    served.taking = true;
    void this.#takeAll(userId, served, firstPage);
  }

  async stop(): Promise<void> {
    // Who is forgotten is not asked for again: on a closed bus every question fails at once, and would be asked for ever.
    this.#users.clear();
    await this.bus.close();
  }

  async #takeAll(userId: UserId, served: Served, firstPage: () => void): Promise<void> {
    do {
      served.again = false;
      if (await this.#takePage(userId, served)) served.again = true;
      firstPage();
    } while (served.again && this.confirms && this.#users.get(userId) === served);
    served.taking = false;
  }

  async #takePage(userId: UserId, served: Served): Promise<boolean> {
    const [connectionId] = served.connections;
    if (connectionId === undefined) return false;
    const { gatewayId, takeLimit: limit } = this;
    const taken = await this.bus.call(messaging.takeDirect, { userId, connectionId, gatewayId, limit });
    if (!taken.ok) return true;
    const { messages, more } = taken.value;
    for (const message of messages) this.#write(served, [connectionId], message, message.payload);
    if (!this.confirms || messages.length === 0) return false;
    await this.bus.call(messaging.settleDirect, { userId, messageIds: messages.map((one) => one.messageId) });
    return more;
  }

  #serve(userId: UserId): Served {
    const subscriptions = [
      this.bus.subscribe(directMessage.subject(userId), (event) => {
        this.onDirect?.();
        this.#deliver(userId, event);
      }),
      this.bus.subscribe(directWaiting.subject(userId), () => {
        this.take(userId);
      }),
      this.bus.subscribe(userNotificationSent.subject(userId), (event) => {
        this.#count(event, this.#users.get(userId)?.connections.size ?? 0);
      }),
    ];
    const served = { connections: new Set<ConnectionId>(), subscriptions, position: 0, taking: false, again: false };
    this.#users.set(userId, served);
    return served;
  }

  #deliver(userId: UserId, event: ReceivedEvent): void {
    const decoded = directMessage.decode(event);
    const served = this.#users.get(userId);
    if (decoded?.body === undefined || served === undefined) return;
    const { gatewayId } = this;
    const connectionIds = [...served.connections];
    this.#write(served, connectionIds, decoded.payload, decoder.decode(decoded.body));
    const answer = (): void => {
      this.bus.sendReceipt(event, { gatewayId, count: connectionIds.length, connectionIds });
    };
    if (this.receiptDelayMs === 0) answer();
    else setTimeout(answer, this.receiptDelayMs);
  }

  #write(served: Served, connections: readonly ConnectionId[], { position }: DirectMessage, text: string): void {
    if (position <= served.position) {
      this.repeats++;
      return;
    }
    served.position = position;
    for (const connectionId of connections) this.written.push({ connectionId, position, text });
  }

  /** Stands for `connections` subscribers of a topic; `notifications`: of notifications to all. */
  hear(what: string, connections: number): readonly string[] {
    const texts: string[] = [];
    const subject = what === 'notifications' ? notificationSent.subject('all') : topicMessage.subject(what);
    this.#heard.add(subject);
    this.bus.subscribe(subject, (event) => {
      const body = what === 'notifications' ? undefined : topicMessage.decode(event)?.body;
      if (body !== undefined) texts.push(decoder.decode(body));
      this.#count(event, connections);
    });
    return texts;
  }

  readonly #heard = new Set<string>();

  #count(event: ReceivedEvent, count: number): void {
    this.bus.sendReceipt(event, { gatewayId: this.gatewayId, count, connectionIds: [] });
  }

  #isHeard(subject: string): boolean {
    if (this.#heard.has(subject)) return true;
    return [...this.#users.keys()].some((userId) => subject.startsWith(`evt.user.${userId}.`));
  }
}
