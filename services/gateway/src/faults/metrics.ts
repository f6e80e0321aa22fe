/** The sum of a metric's samples whose labels have all of these, as the process says now. 0 when there is none yet. */
export async function metric(
  probesUrl: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`${probesUrl}/metrics`);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const line of (await response.text()).split('\n')) {
    const found = /^(\w+)(\{.*\})? ([-+.eE\d]+)/.exec(line);
    if (found?.[1] !== name || !wanted.every((label) => (found[2] ?? '').includes(label))) continue;
    sum += Number(found[3]);
  }
  return sum;
}
