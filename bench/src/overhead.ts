import type { Bench } from './harness/bench.js';
import { say } from './harness/table.js';
import { alone } from './overhead/alone.js';
import { wholePath } from './overhead/whole-path.js';

/** What metrics and traces cost where it matters most: for every message. */
export const overhead: Bench = {
  name: 'overhead',
  async run({ quick }) {
    await wholePath(quick);
    say('');
    await alone(quick);
  },
};
