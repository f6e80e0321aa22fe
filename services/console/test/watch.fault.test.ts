import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import type { Person } from './harness/person.js';
import { startStage, type Stage } from './harness/stage.js';

/** The watch room: one browser is the camera, others watch it, through two gateways. */
const HOSTILE = '<img src=x onerror="document.title=\'hacked\'">';
/** Ten seconds of grace, and what a slow machine takes beside them. */
const GRACE_MS = 40_000;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

async function beCamera({ page }: Person, name: string, source = 'The camera'): Promise<void> {
  const form = page.getByRole('form', { name: 'Start a camera' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel(source).check();
  await form.getByRole('button', { name: 'Be a camera' }).click();
  await page.locator('.watch-camera [data-state=ready]').waitFor();
}

async function share({ page }: Person, who: string): Promise<void> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByLabel('Username or user id').fill(who);
  await page.getByRole('button', { name: 'Let them watch' }).click();
}

function device({ page }: Person): Locator {
  return page.locator('.watch-device').first();
}

function card({ page }: Person): Locator {
  return page.locator('.watch-card').first();
}

/** Watches the first device until `frames` pictures have been decoded. */
async function watch(person: Person): Promise<void> {
  await device(person).getByRole('button', { name: 'Watch', exact: true }).click();
  await card(person).and(person.page.locator('[data-phase=connected]')).waitFor();
}

async function framesOf({ page }: Person): Promise<number> {
  return Number(await page.locator('.watch-stats').first().getAttribute('data-frames'));
}

async function moreFrames(page: Page, than: number): Promise<void> {
  await page.waitForFunction(
    (least) => Number(document.querySelector('.watch-stats')?.getAttribute('data-frames')) > least,
    than,
  );
}

function ended({ page }: Person, words: RegExp): Promise<void> {
  return page.locator('.watch-card[data-phase=ended]').getByText(words).waitFor({ timeout: GRACE_MS });
}

test('a camera is shared, watched through another gateway, and says why it ended', async () => {
  const ann = await stage.person({ name: 'ann', gateway: 1 });
  const ben = await stage.person({ name: 'ben', gateway: 2, dark: true });
  await ann.open('watch');
  await ben.open('watch');
  await ben.page.getByText('No devices yet').waitFor();
  await ann.screenshot('watch-empty');
  await beCamera(ann, HOSTILE);
  await device(ann).and(ann.page.locator('[data-online=true]')).waitFor();
  // A stranger does not learn of it.
  await ben.connected();
  expect(await ben.page.locator('.watch-device').count()).toBe(0);

  await share(ann, 'nobody_of_that_name');
  await ann.page.locator('.watch-share').getByRole('alert').waitFor();
  await ann.page.getByLabel('Username or user id').fill(ben.username);
  await ann.page.getByRole('button', { name: 'Let them watch' }).click();
  await ann.page.locator('.watch-share .watch-viewers').getByText(ben.username, { exact: true }).waitFor();

  await device(ben).getByText(`shared by ${ann.username}`).waitFor();
  await watch(ben);
  await moreFrames(ben.page, 10);
  expect(await ben.page.locator('.watch-stats').getAttribute('data-path')).toBe('direct');
  await ann.page.locator('.watch-camera .watch-viewers').getByText('sees it').waitFor();
  await ann.page.locator('.watch-camera .watch-viewers').getByText(ben.username, { exact: true }).waitFor();
  await device(ben).getByText('viewers: 1').waitFor();
  // The owner watches too.
  await watch(ann);
  await ann.page.getByText('Watching now: 2').waitFor();
  await moreFrames(ann.page, 5);
  await ann.screenshot('watch-camera');
  await ben.screenshot('watch-viewer-dark');
  for (const person of [ann, ben]) expect(await seriousFindings(person.page)).toEqual([]);

  // Without the server the picture goes on.
  await ben.cut();
  await card(ben).getByText('Signaling is away').waitFor();
  await moreFrames(ben.page, (await framesOf(ben)) + 10);
  await ben.screenshot('watch-no-signaling');
  await ben.restore();
  await ben.connected();
  await card(ben).and(ben.page.locator('[data-phase=connected]')).waitFor();

  await card(ben).getByRole('button', { name: 'Stop watching' }).click();
  await ended(ben, /You stopped watching/);
  await ann.page.getByText('Watching now: 1').waitFor();
  await card(ben).getByRole('button', { name: 'Watch again' }).click();
  await moreFrames(ben.page, 5);
  await ann.page.locator('.watch-share').getByRole('button', { name: 'Take back' }).click();
  await ended(ben, /not shared any more/);
  await ben.page.getByText('No devices yet').waitFor();
  await ben.page.locator('tr[data-reason=error]').waitFor();
  await ben.page.locator('tr[data-reason=user_ended]').waitFor();
  expect(await ann.page.title()).not.toBe('hacked');
  for (const person of [ann, ben]) {
    expect(await overflow(person.page)).toBeLessThanOrEqual(0);
    expect(person.problems()).toEqual([]);
  }
});

test('a camera that goes is shown offline, its viewers hear why, and with its key it is back', async () => {
  const ann = await stage.person({ name: 'ann', gateway: 2 });
  const ben = await stage.person({ name: 'ben', gateway: 1, phone: true });
  await ann.open('watch');
  await ben.open('watch');
  await beCamera(ann, 'Kitchen', 'A test picture');
  await share(ann, ben.id);
  await watch(ben);
  await moreFrames(ben.page, 5);
  await ben.screenshot('watch-phone');
  expect(await overflow(ben.page)).toBeLessThanOrEqual(0);
  await ann.page.getByRole('button', { name: 'Stop the camera' }).click();
  await ended(ben, /The device has gone/);
  await device(ben).and(ben.page.locator('[data-online=false]')).waitFor();
  expect(await device(ben).getByRole('button', { name: 'Watch', exact: true }).isDisabled()).toBe(true);
  await ben.screenshot('watch-ended-phone');

  // After a reload, too, the window still has the key.
  await ann.page.reload();
  await ann.page.getByLabel('A test picture').check();
  await ann.page.getByRole('button', { name: 'Start it again' }).click();
  await ann.page.locator('.watch-camera [data-state=ready]').waitFor();
  await device(ben).and(ben.page.locator('[data-online=true]')).waitFor();
  await card(ben).getByRole('button', { name: 'Watch again' }).click();
  await moreFrames(ben.page, 5);
  await device(ann).getByRole('button', { name: 'Delete' }).click();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
  await ended(ben, /not shared any more, or was deleted/);
  await ann.page.locator('.watch-camera').getByText('The camera was stopped').waitFor();
  await ann.page.getByRole('button', { name: 'Be a camera' }).waitFor();
  for (const person of [ann, ben]) expect(person.problems()).toEqual([]);
});

test('a camera that is denied is said so, and the test picture does without', async () => {
  const ann = await stage.person({ name: 'ann' });
  await ann.open('watch');
  await ann.page.evaluate(() => {
    const denied = new DOMException('Permission denied', 'NotAllowedError');
    navigator.mediaDevices.getUserMedia = () => Promise.reject(denied);
  });
  await ann.page.getByRole('button', { name: 'Be a camera' }).click();
  await ann.page.getByRole('alert').getByText('did not allow this page to use the camera').waitFor();
  expect(await ann.page.locator('.watch-device').count()).toBe(0);
  await ann.screenshot('watch-denied');
  await ann.page.getByLabel('A test picture').check();
  await ann.page.getByRole('button', { name: 'Be a camera' }).click();
  await ann.page.locator('.watch-camera [data-state=ready]').waitFor();
  expect(ann.problems()).toEqual([]);
});
