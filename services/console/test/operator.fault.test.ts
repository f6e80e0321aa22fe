import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import type { Person } from './harness/person.js';
import { startStage, type Stage } from './harness/stage.js';

/** The operator's room: who is connected where, and the means to end it. */
let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

async function openDesk({ page }: Person, key = stage.apiKey): Promise<void> {
  await page.getByLabel('Server API key').fill(key);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

async function confirmed({ page }: Person, button: string, confirm: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
}

async function findUser({ page }: Person, username: string): Promise<void> {
  const filters = page.getByRole('search', { name: 'Filter connections' });
  await filters.getByLabel('User').fill(username);
  await filters.getByRole('button', { name: 'Find' }).click();
}

test('a wrong key is refused in words, and a key is forgotten by a reload', async () => {
  const olga = await stage.person({ name: 'olga', phone: true });
  await olga.open('operator');
  await olga.screenshot('operator-key-phone');
  await openDesk(olga, 'wrong');
  await olga.page.getByRole('alert').getByText('The cluster does not know this key').waitFor();
  await openDesk(olga);
  await olga.page.locator('.operator-gateway').nth(1).waitFor();
  expect(await overflow(olga.page)).toBeLessThanOrEqual(0);
  await olga.screenshot('operator-phone');
  // To another room and back, it is still there; anew, it is not.
  await olga.open('watch');
  await olga.open('operator');
  await olga.page.locator('.operator-gateway').nth(1).waitFor();
  await olga.page.reload();
  await olga.page.getByLabel('Server API key').waitFor();
  expect(olga.problems()).toEqual([]);
});

test('connections by gateway, dialect and user; one that is cut says why and may come back, and its trail says so', async () => {
  const olga = await stage.person({ name: 'olga', gateway: 1, viewport: { width: 1360, height: 900 } });
  const ben = await stage.person({ name: 'ben', gateway: 2 });
  await ben.open('watch');
  await ben.connected();
  await olga.open('operator');
  await openDesk(olga);
  const { page } = olga;
  const rows = page.locator('.operator-table tbody tr');
  const bens = page.locator(`.operator-table tr[data-user="${ben.id}"]`);
  await bens.getByRole('button', { name: ben.username, exact: true }).waitFor();
  expect(await bens.textContent()).toMatch(/watch.*Gateway [12]/);
  const gateway = (await bens.locator('td').nth(2).textContent()) ?? '';

  await page.getByLabel('Dialect').selectOption('party');
  await page.getByText('Nobody fits this filter').waitFor();
  await page.getByLabel('Dialect').selectOption('watch');
  await bens.waitFor();
  await page
    .getByRole('search')
    .getByLabel('Gateway')
    .selectOption({ label: gateway === 'Gateway 1' ? 'Gateway 2' : 'Gateway 1' });
  await bens.waitFor({ state: 'detached' });
  await page.getByRole('search').getByLabel('Gateway').selectOption({ label: gateway });
  await bens.waitFor();
  await findUser(olga, 'nobody_of_that_name');
  await page.getByRole('search').getByRole('alert').waitFor();
  await findUser(olga, ben.username);
  // The filter is on, and what is shown is asked anew.
  await page.getByRole('button', { name: 'All users' }).waitFor();
  await bens.waitFor();
  expect(await rows.count()).toBe(1);

  const first = await bens.getAttribute('data-connection');
  await confirmed(olga, `Disconnect ${ben.username}`, 'Disconnect it');
  await ben.page.getByRole('alert').getByText('disconnected by an operator').waitFor();
  await ben.page.getByRole('button', { name: 'Try again' }).click();
  await page.locator(`.operator-table tr[data-user="${ben.id}"]:not([data-connection="${String(first)}"])`).waitFor();
  await ben.connected();
  await bens.getByRole('button', { name: ben.username, exact: true }).click();
  const trail = page.locator('.operator-trail li');
  await trail.getByText('an operator disconnected it').waitFor();
  expect(await trail.first().textContent()).toContain('Logged in');

  await ben.move(1);
  await page
    .locator('.operator-trail li[data-moved=true]')
    .getByText(/moved here from Gateway [12]/)
    .waitFor();
  // Polled every two seconds: some of it has gone by.
  await page.locator('.spark-line').first().waitFor({ state: 'attached' });
  await olga.screenshot('operator');
  expect(await seriousFindings(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect([...olga.problems(), ...ben.problems()]).toEqual([]);
});

test('a revoked user is signed out, a banned one stays out until the ban is lifted', async () => {
  const olga = await stage.person({ name: 'olga', gateway: 1, dark: true });
  const ben = await stage.person({ name: 'ben', gateway: 2 });
  await ben.open('watch');
  await ben.connected();
  await olga.open('operator');
  await openDesk(olga);
  await findUser(olga, ben.username);
  await olga.page.getByRole('button', { name: ben.username, exact: true }).click();
  await confirmed(olga, 'Revoke logins', 'End their logins');
  await olga.page.getByText(`Every login of ${ben.username} has ended.`).first().waitFor();
  await ben.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await ben.page.getByRole('alert').getByText('Your login has ended').waitFor();
  await olga.page.locator('.operator-trail').getByText('the login was revoked').waitFor();
  await olga.screenshot('operator-user-dark');
  expect(await seriousFindings(olga.page)).toEqual([]);

  await confirmed(olga, 'Ban', 'Ban them');
  await olga.page.getByText(`${ben.username} is banned.`).first().waitFor();
  await signIn(ben);
  await ben.page
    .getByRole('alert')
    .getByText(/banned/i)
    .waitFor();
  await confirmed(olga, 'Lift ban', 'Lift the ban');
  await olga.page.getByText(`${ben.username} is not banned any more.`).first().waitFor();
  await signIn(ben);
  await ben.page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  expect([...olga.problems(), ...ben.problems()]).toEqual([]);
});

async function signIn({ page, username }: Person): Promise<void> {
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
