import { waitFor } from '@parley/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import { SLOW_MS, type Person } from './harness/person.js';
import { startStage, type Stage } from './harness/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

/** Hosts a party and goes in; returns its id. */
async function host(person: Person, name: string, places = 5): Promise<string> {
  const { page } = person;
  await person.open('party');
  await page.getByLabel('Name of the party').fill(name);
  await page.getByLabel('Places, yours included').fill(String(places));
  await page.getByRole('button', { name: 'Host it' }).click();
  await member(person, person.username, 'connected');
  return page.url().split('/').at(-1) ?? '';
}

async function join(person: Person, id: string): Promise<void> {
  await person.open('party', id);
  await person.page.getByRole('button', { name: 'Join', exact: true }).click();
}

/** The row of somebody in the list of members. */
function row({ page }: Person, name: string) {
  return page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
}

async function member(person: Person, name: string, status: string): Promise<void> {
  await row(person, name).getByText(status, { exact: true }).waitFor();
}

async function gone(person: Person, name: string): Promise<void> {
  await row(person, name).waitFor({ state: 'detached' });
}

/** In the room; what is read out to who does not see it is elsewhere in the page. */
async function says({ page }: Person, text: string): Promise<void> {
  await page.locator('main').getByText(text).first().waitFor();
}

async function told({ page }: Person, text: string): Promise<void> {
  await page.getByTestId('happenings').getByText(text, { exact: true }).first().waitFor();
}

/** The server has measured it. */
async function hasLatency(person: Person, name: string): Promise<void> {
  await row(person, name)
    .getByText(/^\d+ ms$/)
    .waitFor({ timeout: 2 * SLOW_MS });
}

test('a host and a member on two gateways see each other, with latencies; kick and close are told with their reasons', async () => {
  const ann = await stage.person({ gateway: 1, name: 'ann' });
  const ben = await stage.person({ gateway: 2, name: 'ben', dark: true });
  const name = '<b>Quiz</b> night';
  const id = await host(ann, name);
  // Found in the list, by the link behind it.
  await ben.open('party');
  const found = ben.page.locator(`[data-party="${id}"]`).getByRole('button');
  await found.waitFor();
  await ben.screenshot('party-lobby');
  await found.click();
  await says(ben, `Inside: ${ann.username}`);
  await ben.page.getByRole('button', { name: 'Join', exact: true }).click();
  for (const person of [ann, ben]) {
    for (const who of [ann, ben]) await member(person, who.username, 'connected');
  }
  await row(ben, ann.username).getByText('host').waitFor();
  await told(ann, `${ben.username} joined`);
  for (const who of [ann, ben]) await hasLatency(ann, who.username);
  await ann.screenshot('party-light');
  await ben.screenshot('party-dark');
  expect(await ann.page.getByRole('heading', { level: 1 }).innerText()).toBe(`Party: ${name}`);

  await ann.page.getByRole('button', { name: `Remove ${ben.username}` }).click();
  await ann.page.getByLabel(/^Why/).fill('too <i>loud</i>');
  await ann.page.getByRole('button', { name: 'Remove from the party' }).click();
  await says(ben, 'The host has removed you');
  await says(ben, 'Reason: too <i>loud</i>');
  await ben.screenshot('party-kicked');
  await gone(ann, ben.username);
  await told(ann, `${ben.username} was removed by the host`);

  await ben.page.getByRole('button', { name: 'All parties' }).click();
  await join(ben, id);
  await member(ben, ann.username, 'connected');
  await ann.page.getByRole('button', { name: 'Close the party' }).click();
  await ann.page.getByLabel('Reason').fill('late');
  await ann.page.getByRole('button', { name: 'Close it' }).click();
  for (const person of [ann, ben]) {
    await says(person, 'The party is over');
    await says(person, 'Reason: late');
    expect(await seriousFindings(person.page)).toEqual([]);
    expect(person.problems()).toEqual([]);
  }
});

test('a full party says so, and lets in who asks again when there is a place; the door of none says that too', async () => {
  const ann = await stage.person({ gateway: 1, name: 'ann' });
  const ben = await stage.person({ gateway: 2, name: 'ben' });
  const cat = await stage.person({ gateway: 2, name: 'cat', phone: true });
  const id = await host(ann, 'Two of us', 2);
  await join(ben, id);
  await member(ben, ann.username, 'connected');
  await join(cat, id);
  await says(cat, 'The party is full');
  await says(cat, 'All 2 places are taken');
  await cat.screenshot('party-full-phone');

  await ben.page.getByRole('button', { name: 'Leave' }).click();
  await ben.page.getByRole('heading', { name: 'Open parties' }).waitFor();
  await told(ann, `${ben.username} left`);
  await cat.page.getByRole('button', { name: 'Join again' }).click();
  await member(cat, ann.username, 'connected');
  await cat.screenshot('party-phone');
  expect(await overflow(cat.page)).toBeLessThanOrEqual(0);
  expect(await seriousFindings(cat.page)).toEqual([]);

  await ben.open('party', '00000000-0000-4000-8000-000000000000');
  await says(ben, 'There is no such party');
  for (const person of [ann, ben, cat]) expect(person.problems()).toEqual([]);
});

test('who is cut off, reloads, or loses the gateway comes back to the same place', async () => {
  const ann = await stage.person({ gateway: 1, name: 'ann' });
  const ben = await stage.person({ gateway: 2, name: 'ben' });
  const id = await host(ann, 'Long night');
  await join(ben, id);
  await member(ann, ben.username, 'connected');
  const place = await row(ben, ben.username).getAttribute('data-member');

  await ben.cut();
  await ben.page.getByTestId('held').getByText('Your place is kept for 15 seconds').waitFor();
  await member(ann, ben.username, 'reconnecting');
  await ben.screenshot('party-reconnecting');
  await ben.restore();
  await told(ben, 'You are back, at your old place');
  await member(ann, ben.username, 'connected');

  await ben.page.reload();
  await member(ben, ann.username, 'connected');
  expect(await row(ben, ben.username).getAttribute('data-member')).toBe(place);

  // The member's gateway dies; the road leads to the other one, as a load balancer would.
  stage.roads[1]?.leadTo(stage.cluster.gateway(1).ports[0]);
  await stage.cluster.kill('gateway-2');
  await told(ben, 'You are back, at your old place');
  await member(ann, ben.username, 'connected');
  expect(await row(ben, ben.username).getAttribute('data-member')).toBe(place);
  await waitFor(async () => (await ann.page.locator('[data-member]').count()) === 2, 'two members', SLOW_MS);
  expect(ben.problems()).toEqual([]);
});
