import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import { startStage, type Stage } from './harness/stage.js';

/** The console as a whole, in a real browser, against two gateways; what happens in a room is in that room's own test. */
const ROOMS = ['chat', 'topics', 'document', 'watch', 'party', 'operator'] as const;
const DEMO = { username: 'demo_of_the_console', password: 'correct horse battery' };

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ PARLEY_CONSOLE_DEMO: JSON.stringify([DEMO]) });
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

describe('signing in', () => {
  test('a new account, out, in again, and a wrong password', async () => {
    const { page, ...visitor } = await stage.visitor();
    const username = `ann_${String(process.pid)}`;
    await page.getByRole('button', { name: 'Create one' }).click();
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    await page.getByLabel('Username or email').fill(username);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Password').press('Enter');
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    expect(visitor).toBeDefined();
  });
});
