export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What a process says of itself now. */
export async function samplesOf(probesUrl: string): Promise<readonly Sample[]> {
  const text = await (await fetch(`${probesUrl}/metrics`)).text();
  return text.split('\n').flatMap((line) => {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (found === null) return [];
    const [, name = '', labels = '', value = ''] = found;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, label = '', said = '']) => [label, said] as const,
    );
    return [{ name, labels: new Map(pairs), value: Number(value) }];
  });
}
