export interface BenchOptions {
  /** Fewer repetitions and smaller amounts: a look, not a measurement. */
  readonly quick: boolean;
}

export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<void>;
}
