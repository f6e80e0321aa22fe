/** Runs every variant once per repetition, in turn forwards and backwards, so that drift hits all of them alike. */
export async function interleave<T>(
  repetitions: number,
  variants: readonly T[],
  run: (variant: T, repetition: number) => Promise<void>,
): Promise<void> {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const order = repetition % 2 === 0 ? variants : variants.toReversed();
    for (const variant of order) await run(variant, repetition);
  }
}

/** What was started, ended in reverse, whatever happens. */
export async function withCleanUp<T>(work: (later: (end: () => Promise<unknown>) => void) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await work((end) => ends.push(end));
  } finally {
    for (const end of ends.toReversed()) await end().catch(() => undefined);
  }
}
