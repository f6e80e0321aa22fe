// @ts-check
import { loadavg } from 'node:os';
import { findHaproxy, startBalancer } from './balancer.mjs';
import { startBoard } from './board.mjs';
import { LENIENT, startLoadCluster } from './cluster.mjs';
import { runScript } from './k6.mjs';
import { countsPer, curveOf, reportOf } from './report.mjs';

/** @typedef {{name: string, at: number}} Step */
/** @typedef {{lostAt: number, backAt: number, code: number, dialect: string, attempts: number}} Return */

const GATEWAYS = 3;
const LONG = { VUS: 300, SECONDS: 150, PER_SECOND: 2, DRAIN: 5 };
const SMOKE = { VUS: 32, SECONDS: 60, PER_SECOND: 4, DRAIN: 1 };
const SETTLE_SECONDS = 40;
/** Beyond it, of those who come back after one event, in any 100 ms, it would be a herd. */
const MOST_AT_ONCE = 0.4;
/** Few say nothing about how many. */
const ENOUGH = 20;

/**
 * Three gateways behind HAProxy, clients of four dialects; each gateway restarted in turn, then one killed.
 * @param {object} given
 * @param {string} given.k6
 * @param {Record<string, number>} given.settings
 * @param {boolean} given.smoke
 * @param {(line: string) => void} given.tell
 * @param {AbortSignal} [given.signal]
 * @param {boolean} [given.postgres] false: the tests' shared one
 * @returns {Promise<boolean>}
 */
export async function runScale({ k6, settings, smoke, tell, signal, postgres = true }) {
  const haproxy = await findHaproxy();
  if (haproxy === undefined) throw new Error('haproxy is needed and is not here: apt-get install haproxy');
  const { DRAIN, ...rest } = { ...(smoke ? SMOKE : LONG), ...settings };
  const env = { PARLEY_TRUSTED_PROXIES: '1', PARLEY_DRAIN_SECONDS: String(DRAIN), ...(smoke ? LENIENT : {}) };
  const { cluster, stop } = await startLoadCluster({ gateways: GATEWAYS, env, postgres });
  const board = await startBoard();
  try {
    const urls = cluster.gateways.map(({ url }) => url);
    const balancer = await startBalancer(haproxy, urls);
    try {
      const values = { ...rest, URLS: balancer.url, BOARD: board.url };
      const timeoutMs = (rest.SECONDS + 360) * 1_000;
      const running = runScript(k6, 'scale', values, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
      const changing = changes({ cluster, balancer, board, clients: rest.VUS, tell, seconds: rest.SECONDS });
      // Whichever fails first; a script that ended early has something to say.
      const [finished, steps] = await Promise.all([
        running.finally(() => board.end()),
        changing.catch((error) => String(error)),
      ]);
      return judge({ finished, steps, returns: board.list('returns').flat(), smoke, tell });
    } finally {
      await balancer.stop();
    }
  } finally {
    await board.close();
    await stop();
  }
}

/**
 * Everything that happens to gateways, one after the other; each waits until everybody is back.
 * @param {object} given
 * @param {import('@parley/testing').Cluster} given.cluster
 * @param {import('./balancer.mjs').Balancer} given.balancer
 * @param {import('./board.mjs').Board} given.board
 * @param {number} given.clients
 * @param {number} given.seconds
 * @param {(line: string) => void} given.tell
 * @returns {Promise<{steps: Step[], even: boolean}>}
 */
async function changes({ cluster, balancer, board, clients, seconds, tell }) {
  await board.wait('in', clients, seconds + 120);
  /** @type {Step[]} */
  const steps = [];
  const settled = async (/** @type {string} */ what) => {
    const spread = await allBack(balancer, clients);
    tell(`  ${what.padEnd(34)} ${spread.join(' / ')} connections`);
    return spread;
  };
  const step = (/** @type {string} */ name) => steps.push({ name, at: Date.now() });
  try {
    const even = isEven(await settled('all in'));
    for (let number = 1; number <= GATEWAYS; number++) {
      step(`gateway ${number} is restarted`);
      await cluster.restart(`gateway-${number}`);
      await settled(`gateway ${number} was restarted`);
    }
    step('gateway 2 is killed');
    await cluster.kill('gateway-2');
    await settled('gateway 2 was killed');
    return { steps, even };
  } finally {
    board.post('over', true);
  }
}

/** @param {import('./balancer.mjs').Balancer} balancer @param {number} clients */
async function allBack(balancer, clients) {
  const deadline = Date.now() + SETTLE_SECONDS * 1_000;
  let spread = await balancer.spread();
  while (spread.reduce((sum, count) => sum + count, 0) < clients) {
    if (Date.now() > deadline) throw new Error(`only ${spread.join(' + ')} of ${clients} are connected`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    spread = await balancer.spread();
  }
  return spread;
}

/** Within a tenth of the mean; of few, a request that is under way may count. @param {readonly number[]} spread */
function isEven(spread) {
  const mean = spread.reduce((sum, count) => sum + count, 0) / spread.length;
  return Math.max(...spread) - Math.min(...spread) <= Math.max(4, mean / 10);
}

/**
 * @param {object} given
 * @param {import('./k6.mjs').Finished} given.finished
 * @param {{steps: Step[], even: boolean} | string} given.steps
 * @param {readonly Return[]} given.returns
 * @param {boolean} given.smoke where the machine is too busy to say how spread attempts are
 * @param {(line: string) => void} given.tell
 */
function judge({ finished, steps, returns, smoke, tell }) {
  let passed = finished.passed && typeof steps !== 'string';
  if (typeof steps === 'string') tell(`  ✗ ${steps}`);
  else {
    if (!steps.even) {
      passed = false;
      tell('  ✗ connections were not spread evenly');
    }
    for (const [index, happened] of steps.steps.entries()) {
      const until = steps.steps[index + 1]?.at ?? Infinity;
      const mine = returns.filter(({ lostAt }) => lostAt >= happened.at && lostAt < until);
      for (const line of curveOf(happened, mine)) tell(line);
      if (mine.length > 0) tell(`  closed with ${codesOf(mine)}`);
      if (!smoke && isHerd(happened, mine)) {
        passed = false;
        tell(`  ✗ more than ${MOST_AT_ONCE * 100} % of them came back within 100 ms`);
      }
    }
  }
  for (const line of reportOf('scale', finished)) tell(line);
  tell(`  load average at the end: ${loadavg()[0]?.toFixed(1) ?? '?'}`);
  return passed;
}

/** @param {Step} happened @param {readonly Return[]} mine */
function isHerd({ at }, mine) {
  return mine.length >= ENOUGH && Math.max(...countsPer(100, at, mine)) > MOST_AT_ONCE * mine.length;
}

/** @param {readonly Return[]} returns */
function codesOf(returns) {
  const counts = new Map();
  for (const { code } of returns) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} (${count})`).join(', ');
}
