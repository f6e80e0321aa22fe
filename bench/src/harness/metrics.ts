/** The sum of a metric's samples whose line holds `label`, as the process says now. */
export async function metricSum(probesUrl: string, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${probesUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
