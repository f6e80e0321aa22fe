/** The shard belongs to somebody else by now, or to nobody: what its former owner was writing must not be kept. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(readonly shard: number) {
    super(`the lease of shard ${String(shard)} is not held any more`);
  }
}
