import { Pace } from '../clients/pace.js';
import { answerCommands, numberOf, stringsOf, type Fields } from '../harness/rig-child.js';
import type { Values } from '../harness/rig.js';
import { spreadOfTimes } from '../harness/times.js';
import { Pair, type Setup } from './pair.js';

/** Devices and viewers in one process, so that one clock times both ends. */
const OPENING_AT_ONCE = 16;

let pairs: Pair[] = [];

async function enter(fields: Fields): Promise<Values> {
  const [deviceIds, keys, tokens] = ['deviceIds', 'keys', 'tokens'].map((name) => stringsOf(fields, name));
  const ports = [numberOf(fields, 'port'), numberOf(fields, 'otherPort')] as const;
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let index = next++; index < (deviceIds?.length ?? 0); index = next++) {
      // Every viewer is on another gateway than its device.
      const [device, viewer] = index % 2 === 0 ? ports : [ports[1], ports[0]];
      const credentials = {
        deviceId: deviceIds?.[index] ?? '',
        key: keys?.[index] ?? '',
        token: tokens?.[index] ?? '',
      };
      pairs.push(await Pair.open({ device, viewer }, credentials));
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener));
  return { pairs: pairs.length };
}

answerCommands({
  enter,
  /**
   * `atOnce`: so many are under way all the time, each of a pair that has none; or `rate` a second. What is timed is the setting
   * up; a session is ended before its pair has the next one.
   */
  run: async (fields) => {
    const ms = numberOf(fields, 'seconds') * 1_000;
    const free = [...pairs];
    const setups: Setup[] = [];
    let refused = 0;
    const one = async (): Promise<void> => {
      const pair = free.shift();
      if (pair === undefined) throw new Error(`all ${pairs.length} pairs are busy`);
      const setup = await pair.setUp();
      setups.push(setup);
      await pair.end(setup.sessionId);
      refused += pair.refused;
      free.push(pair);
    };
    const startedAt = performance.now();
    const passed = (): number => performance.now() - startedAt;
    const rate = numberOf(fields, 'rate');
    if (rate > 0) {
      const all: Promise<void>[] = [];
      await new Pace(rate, () => all.push(one())).run(ms);
      await Promise.all(all);
    } else {
      const lane = async (): Promise<void> => {
        while (passed() < ms) await one();
      };
      await Promise.all(Array.from({ length: numberOf(fields, 'atOnce') }, lane));
    }
    const seconds = passed() / 1_000;
    return {
      count: setups.length,
      refused: refused,
      perSecond: setups.length / seconds,
      ...spreadOfTimes(
        'device',
        setups.map(({ deviceMs }) => deviceMs),
      ),
      ...spreadOfTimes(
        'answer',
        setups.map(({ answerMs }) => answerMs),
      ),
    };
  },
  leave: async () => {
    await Promise.all(pairs.map((pair) => pair.close()));
    pairs = [];
    return {};
  },
});
