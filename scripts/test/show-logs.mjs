// @ts-check
// What the processes of a failed test said last: without it, a failure in CI is one line and a guess.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';

const door = new URL('../../libs/testing/dist/index.js', import.meta.url);

if (existsSync(fileURLToPath(door))) {
  const { forgetEnded, lastWords } = await import('@parley/testing');
  beforeEach(() => forgetEnded());
  // Hooks run in the order opposite to that of their registration: this one sees also what the test's own clean-up did.
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(lastWords());
  });
}
