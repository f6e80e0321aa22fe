import type { TimingWheel, WheelTimer } from './timing-wheel.js';

const EVERY_MS = 5_000;
/** Soon after the opening, so that the first measurement is there when it is asked for. */
const FIRST_AFTER_MS = 500;
const PAYLOAD_BYTES = 8;

/**
 * How long a client takes to answer, measured by pings that carry the time at which they left. Only the answer to the last
 * one counts, and only once: a client can be slow to answer, but it cannot answer what it was not asked.
 */
export class RoundTrips {
  private timer: WheelTimer | undefined;
  /** When the ping left that is not answered yet, as it was written into it. */
  private asked: Buffer | undefined;

  constructor(
    private readonly wheel: Pick<TimingWheel, 'after'>,
    private readonly ping: (payload: Buffer) => void,
    private readonly measured: (ms: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.schedule(FIRST_AFTER_MS);
  }

  stop(): void {
    this.timer?.cancel();
    this.asked = undefined;
  }

  /** A pong came, with what the client put into it. */
  answered(payload: Buffer): void {
    const { asked } = this;
    if (asked?.equals(payload) !== true) return;
    this.asked = undefined;
    this.measured(Math.max(0, this.now() - asked.readDoubleBE()));
  }

  private schedule(ms: number): void {
    this.timer = this.wheel.after(ms, () => {
      const payload = Buffer.allocUnsafe(PAYLOAD_BYTES);
      payload.writeDoubleBE(this.now());
      this.asked = payload;
      this.ping(payload);
      this.schedule(EVERY_MS);
    });
  }
}
