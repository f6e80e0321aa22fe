/** What a round of a lane came to: nothing left, something left that could not be published now, or not ours. */
export type LaneResult = 'empty' | 'failed' | 'foreign';

/**
 * One shard's way out of the outbox. Rounds never overlap, which is what keeps the shard's order; a kick during a
 * round makes another follow, since that round may have read before the newest rows were there.
 */
export class Lane {
  private running: Promise<LaneResult> | undefined;
  private again = false;

  constructor(private readonly round: () => Promise<LaneResult>) {}

  /** Resolves with the result of a round that began after this call. */
  kick(): Promise<LaneResult> {
    this.again = true;
    this.running ??= this.run();
    return this.running;
  }

  /** Resolves when no round is under way. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<LaneResult> {
    let result: LaneResult = 'empty';
    while (this.again) {
      this.again = false;
      result = await this.round();
    }
    this.running = undefined;
    return result;
  }
}
