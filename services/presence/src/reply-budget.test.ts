import { newUserId } from '@parley/contracts';
import { expect, it } from 'vitest';
import { fitting } from './reply-budget.js';
import { shown, unknownUser } from './presence-state.js';

it('leaves out the last that do not fit', () => {
  const all = Array.from({ length: 10 }, () => shown(unknownUser(newUserId()), 1));
  const each = Buffer.byteLength(JSON.stringify(all[0])) + 1;
  expect(fitting(all)).toEqual(all);
  expect(fitting(all, each * 4)).toEqual(all.slice(0, 4));
});
