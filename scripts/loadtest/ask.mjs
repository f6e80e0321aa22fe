// @ts-check
import { startBoard } from './board.mjs';
import { runScript } from './k6.mjs';
import { startSlowRoad } from './slow-road.mjs';

/** @typedef {import('./questions.mjs').Question} Question */
/** @typedef {import('./questions.mjs').Dialect} Dialect */

/**
 * Asks one question of running gateways.
 * @param {Question} question
 * @param {object} given
 * @param {string} given.k6
 * @param {readonly string[]} given.urls
 * @param {readonly Dialect[]} [given.dialects]
 * @param {Record<string, string | number>} [given.settings]
 * @param {(number: number) => Promise<void>} [given.killGateway]
 * @param {AbortSignal} [given.signal]
 * @returns {Promise<{finished: import('./k6.mjs').Finished, board: import('./board.mjs').Board}>} the board is closed, and has its lists
 */
export async function ask(question, { k6, urls, dialects = [], settings = {}, killGateway, signal }) {
  const board = await startBoard(killGateway === undefined ? {} : { killGateway });
  const road = question.name === 'slow-reader' ? await startSlowRoad(urls[0] ?? '') : undefined;
  board.on('stall', (value) => road?.block(value === 'on'));
  try {
    /** @type {Record<string, string | number>} */
    const all = {
      ...question.settings,
      ...settings,
      URLS: urls.join(','),
      BOARD: board.url,
      GATEWAYS: urls.length,
      DIALECTS: dialects.join(','),
      ...(road === undefined ? {} : { SLOW_URL: road.url }),
    };
    const timeoutMs = (Number(all.SECONDS ?? 0) + 360) * 1_000;
    const finished = await runScript(k6, question.name, all, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    return { finished, board };
  } finally {
    await road?.close();
    await board.close();
  }
}
