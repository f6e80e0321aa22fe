import type { ReceivedEvent, Bus } from '../bus.js';

/**
 * A subscriber as the gateway has it, in small: it delivers the events of one subject once and in order. After a
 * reconnect, or where an event says that another came before it, it reads what it missed and holds back the newer.
 */
export class RepairingSubscriber {
  readonly delivered: ReceivedEvent[] = [];
  repairs = 0;
  private last = 0;
  private held: ReceivedEvent[] = [];
  private repairing = false;

  constructor(
    private readonly bus: Bus,
    private readonly subject: string,
  ) {
    bus.subscribe(subject, (event) => {
      this.take(event);
    });
    bus.onStatus((status) => {
      if (status === 'connected') void this.repair();
    });
  }

  private take(event: ReceivedEvent): void {
    if (this.repairing) {
      this.held.push(event);
      return;
    }
    // `previous` 0: the one before has expired, which is no gap.
    if (event.previous > this.last && this.last > 0) {
      this.held.push(event);
      void this.repair();
      return;
    }
    this.deliver(event);
  }

  private deliver(event: ReceivedEvent): void {
    if (event.sequence <= this.last) return;
    this.last = event.sequence;
    this.delivered.push(event);
  }

  private async repair(): Promise<void> {
    if (this.repairing) return;
    this.repairing = true;
    this.repairs++;
    // Until the read goes through: JetStream may still be loading.
    for (;;) {
      const found = await this.bus.read({ stream: 'EVENTS', subject: this.subject, after: this.last, limit: 1_000 });
      if (!found.ok) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      for (const event of found.value.events) this.deliver(event);
      if (!found.value.more) break;
    }
    this.repairing = false;
    const held = this.held;
    this.held = [];
    for (const event of held) this.take(event);
  }
}
