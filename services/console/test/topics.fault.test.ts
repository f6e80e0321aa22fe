import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import type { Person } from './harness/person.js';
import { post } from './harness/rest.js';
import { startStage, type Stage } from './harness/stage.js';

/** Two people in the topics room, each in a browser of their own, on a gateway of their own. */
const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const stream = (page: Page, pattern: string): Locator => page.getByRole('log', { name: `Messages on ${pattern}` });

async function enter(
  gateway: number,
  name: string,
  options: { phone?: boolean; dark?: boolean } = {},
): Promise<Person> {
  const person = await stage.person({ gateway, name, ...options });
  await person.open('topics');
  await person.connected();
  return person;
}

async function subscribe({ page }: Person, pattern: string): Promise<void> {
  await page.getByLabel('Topic or pattern').fill(pattern);
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await page.locator(`[data-pattern="${pattern}"][data-state=active]`).waitFor();
}

async function publish(
  { page }: Person,
  topic: string,
  payload: string,
  kind: 'text' | 'json' = 'text',
): Promise<void> {
  const broadcast = panel(page, 'Broadcast');
  await broadcast.getByLabel('Topic').fill(topic);
  await broadcast.getByLabel('Kind').selectOption(kind);
  await broadcast.getByLabel('Payload').fill(payload);
  await broadcast.getByRole('button', { name: 'Publish' }).click();
}

const receipts = (page: Page): Locator => page.getByRole('log', { name: 'Receipts' }).locator('[data-receipt=done]');

test('patterns across gateways, receipts that count, history, and text that stays text', async () => {
  const [ann, bob] = [await enter(1, 'ann'), await enter(2, 'bob')];
  await subscribe(ann, 'news.*');
  await subscribe(bob, 'news.local');
  await publish(ann, 'news.local', '{"title": "Fair", "at": [1, 2]}', 'json');
  await receipts(ann.page).getByText('2 connections').waitFor();
  await stream(bob.page, 'news.local').getByText('"Fair"').waitFor();
  await stream(ann.page, 'news.*').getByText('news.local').waitFor();

  await publish(bob, 'news.abroad', HOSTILE);
  await receipts(bob.page).getByText('1 connection', { exact: true }).waitFor();
  await stream(ann.page, 'news.*').getByText(HOSTILE).waitFor();
  expect(await ann.page.locator('main img').count()).toBe(0);
  expect(await ann.page.title()).not.toBe('owned');

  const url = `${stage.origin(1)}/topics/news.local/messages`;
  for (let count = 1; count <= 25; count += 1) await post(url, { payload: `number ${String(count)}.` }, stage.apiKey);
  await stream(bob.page, 'news.local').getByText('number 25.', { exact: true }).waitFor();
  await stream(ann.page, 'news.*').getByText('number 25.', { exact: true }).waitFor();
  await ann.screenshot('topics-light');
  await bob.page.getByRole('button', { name: 'History' }).click();
  const history = bob.page.getByRole('group', { name: 'History of news.local' });
  await history.getByText('number 25.').waitFor();
  expect(await history.locator('[data-sequence]').count()).toBe(20);
  await history.getByRole('button', { name: 'Load older messages' }).click();
  await history.getByText('"Fair"').waitFor();
  expect(await history.locator('[data-sequence]').count()).toBe(26);

  await subscribe(ann, 'news.local');
  await ann.page.getByRole('button', { name: 'Unsubscribe from news.*' }).click();
  await publish(bob, 'news.abroad', 'nobody listens');
  await receipts(bob.page).getByText('0 connections').waitFor();
  expect(await seriousFindings(bob.page)).toEqual([]);
  expect([ann.problems(), bob.problems()]).toEqual([[], []]);
});

test('what is refused is said where it was asked', async () => {
  const ann = await enter(1, 'ann');
  await ann.page.getByLabel('Topic or pattern').fill('no spaces');
  await ann.page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await ann.page.getByText('Parts of letters').waitFor();
  await ann.page.getByLabel('Topic or pattern').fill('>');
  await ann.page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await ann.page.locator('[data-pattern=">"][data-state=refused]').getByRole('alert').waitFor();
  await publish(ann, 'chat', '{', 'json');
  await ann.page.getByText('This is not JSON').waitFor();
  await publish(ann, '$system', 'x');
  await ann.page.locator('[data-receipt=failed]').getByText('403').waitFor();
});

test('direct messages arrive, or wait; presence is seen', async () => {
  const [ann, bob] = [await enter(1, 'ann'), await enter(2, 'bob')];
  const send = async (to: string, text: string): Promise<void> => {
    const direct = panel(ann.page, 'Direct messages');
    await direct.getByLabel('To').fill(to);
    await direct.getByLabel('Payload').fill(text);
    await direct.getByRole('button', { name: 'Send' }).click();
  };
  await send(bob.username, 'psst');
  await ann.page.locator('[data-direct=out]').getByText('delivered to 1 connection').waitFor();
  const got = bob.page.locator('[data-direct=in]', { hasText: 'psst' });
  await got.getByRole('button', { name: `Answer ${ann.id}` }).click();
  expect(await panel(bob.page, 'Direct messages').getByLabel('To').inputValue()).toBe(ann.id);

  await ann.page.getByRole('button', { name: 'Watch' }).click();
  const seen = ann.page.locator(`[data-user="${bob.id}"]`);
  await seen.getByRole('img', { name: 'Online' }).waitFor();
  await panel(bob.page, 'Presence').getByLabel('Your status').selectOption('dnd');
  await panel(bob.page, 'Presence').getByLabel('Note').fill('in the kitchen');
  await panel(bob.page, 'Presence').getByRole('button', { name: 'Set' }).click();
  await seen.getByText('in the kitchen').waitFor();
  await seen.getByRole('img', { name: 'Do not disturb' }).waitFor();
  await ann.screenshot('topics-direct');

  const carl = await stage.account('carl');
  await send(carl.username, 'for later');
  await ann.page.locator('[data-direct=out]', { hasText: 'for later' }).getByText('waits until they come').waitFor();
  await send('nobody_at_all', 'hello?');
  await ann.page.locator('[data-direct=out][data-receipt=failed]').getByText('404').waitFor();
});

test('a cut is resumed without a gap; on a phone, in the dark', async () => {
  const [ann, bob] = [await enter(1, 'ann'), await enter(2, 'bob', { phone: true, dark: true })];
  await subscribe(bob, 'steps');
  await publish(ann, 'steps', 'step 1');
  await stream(bob.page, 'steps').getByText('step 1').waitFor();
  await bob.cut();
  await bob.page.getByText('Reconnecting').first().waitFor();
  for (const text of ['step 2', 'step 3']) {
    await publish(ann, 'steps', text);
    await receipts(ann.page)
      .nth(Number(text.at(-1)) - 1)
      .waitFor();
  }
  await bob.restore();
  await stream(bob.page, 'steps').getByText('step 3').waitFor();
  expect(await stream(bob.page, 'steps').locator('.topics-text').allInnerTexts()).toEqual([
    'step 1',
    'step 2',
    'step 3',
  ]);
  expect(await bob.page.getByText('Messages are missing here').count()).toBe(0);
  await bob.screenshot('topics-phone-dark');
  expect(await overflow(bob.page)).toBeLessThanOrEqual(0);
  expect(await seriousFindings(bob.page)).toEqual([]);
});
