// @ts-check
import { readFileSync, readdirSync } from 'node:fs';

/**
 * CPU seconds since its start, and resident bytes, of a process; from Linux's /proc.
 * @typedef {{cpu: number, rss: number}} Usage
 */

/** `USER_HZ`, which is 100 everywhere that Node runs on Linux. */
const TICKS = 100;
const PAGE = 4_096;

/** @param {number} pid @returns {Usage} */
export function usageOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in front may hold anything, spaces and brackets included.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0] = fields.slice(11, 13);
  return { cpu: (user + system) / TICKS, rss: (fields[21] ?? 0) * PAGE };
}

/** The process, those that it has started, and what those had used that are gone. @param {number} pid @returns {Usage} */
export function usageOfTree(pid) {
  const gone = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
  const [user = 0, system = 0] = gone.slice(13, 15);
  return childrenOf(pid).reduce(
    (sum, child) => {
      const { cpu, rss } = quietly(child);
      return { cpu: sum.cpu + cpu, rss: sum.rss + rss };
    },
    { cpu: usageOf(pid).cpu + (user + system) / TICKS, rss: usageOf(pid).rss },
  );
}

/** One that ends while we look has used nothing that matters. @param {number} pid @returns {Usage} */
function quietly(pid) {
  try {
    return usageOf(pid);
  } catch {
    return { cpu: 0, rss: 0 };
  }
}

/** @param {number} pid @returns {number[]} */
function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}
