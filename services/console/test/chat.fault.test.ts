import { waitFor } from '@parley/testing';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import type { Person } from './harness/person.js';
import { post } from './harness/rest.js';
import { startStage, type Stage } from './harness/stage.js';

/** Two people in the chat room, each in a browser of their own, on a gateway of their own. */
const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const SLOW_MS = 30_000;
/** One second of audio is fifty packets or so. */
const SOME_PACKETS = 50;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

interface Scene {
  readonly ann: Person;
  readonly bob: Person;
}

/** Ann has made a server through its dialog, and Bob has joined it with the link. */
async function scene(name: string): Promise<Scene> {
  const [ann, bob] = await Promise.all([server(name), stage.person({ gateway: 2, name: 'bob' })]);
  await ann.page.getByRole('button', { name: 'Invite' }).click();
  const link = await ann.page.getByLabel('Link').inputValue();
  await ann.page.keyboard.press('Escape');

  await bob.open('chat', 'join', link.split('/').at(-1) ?? '');
  await bob.page.getByRole('heading', { name: 'You are invited' }).waitFor();
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Join' }).click();
  await bob.page.getByRole('heading', { name: '# general' }).waitFor();
  return { ann, bob };
}

/** Ann, in a server of her own. */
async function server(name: string): Promise<Person> {
  const ann = await stage.person({ gateway: 1, name: 'ann' });
  await ann.open('chat');
  await ann.connected();
  await ann.page.getByText('You are in no server yet').waitFor();
  await ann.page.getByRole('button', { name: 'New', exact: true }).click();
  await ann.page.getByRole('textbox', { name: 'Name' }).fill(name);
  await ann.page.getByRole('button', { name: 'Create', exact: true }).click();
  await ann.page.getByRole('heading', { name: '# general' }).waitFor();
  return ann;
}

const field = (page: Page): Locator => page.getByRole('textbox', { name: 'Message to general' });
const message = (page: Page, text: string): Locator => page.getByRole('log').locator('li', { hasText: text });
const member = (page: Page, person: Person): Locator => page.locator(`[data-user="${person.username}"]`);

/** Comes back to the window: what nobody is told of is read again then, and every ten seconds. */
async function look({ page }: Person): Promise<void> {
  await page.evaluate("dispatchEvent(new Event('focus'))");
}

async function say({ page }: Person, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

test('messages both ways with answer, edit and delete; names and texts that look like markup are text', async () => {
  const { ann, bob } = await scene(`Kitchen ${HOSTILE}`);
  await say(ann, 'Who brings the bread?');
  await message(bob.page, 'Who brings the bread?').hover();
  await message(bob.page, 'Who brings the bread?').getByRole('button', { name: 'Reply' }).click();
  await say(bob, HOSTILE);
  const answer = message(ann.page, 'onerror');
  await answer.getByText('Who brings the bread?').waitFor();
  expect(await answer.locator('img, script').count()).toBe(0);

  await say(bob, 'I do');
  const own = message(bob.page, 'I do');
  await own.hover();
  await own.getByRole('button', { name: 'Edit' }).click();
  await bob.page.getByRole('textbox', { name: 'Edit the message' }).fill('I do, and salt');
  await bob.page.keyboard.press('Enter');
  await message(ann.page, 'I do, and salt').getByText('(edited)').waitFor();
  await ann.screenshot('chat-light');

  await own.hover();
  await own.getByRole('button', { name: 'Delete' }).click();
  await bob.page.getByRole('group', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete' }).click();
  await message(ann.page, 'I do, and salt').waitFor({ state: 'detached' });
  expect(await ann.page.title()).not.toBe('owned');
  expect(await seriousFindings(ann.page)).toEqual([]);
  expect([ann.problems(), bob.problems()]).toEqual([[], []]);
});

test('members and their presence are seen live; who is kicked is told so', async () => {
  const { ann, bob } = await scene('Presence');
  await say(bob, 'hello');
  await member(ann.page, bob).getByRole('img', { name: 'Online' }).waitFor();
  await bob.page.getByLabel('Your status').selectOption('dnd');
  await member(ann.page, bob).getByRole('img', { name: 'Do not disturb' }).waitFor();
  await bob.page.getByLabel('Your status').selectOption('offline');
  await member(ann.page, bob).getByRole('img', { name: 'Offline' }).waitFor();
  await bob.page.getByLabel('Your status').selectOption('online');
  await member(ann.page, bob).getByRole('img', { name: 'Online' }).waitFor();

  await member(ann.page, bob).hover();
  await member(ann.page, bob)
    .getByRole('button', { name: `Kick ${bob.username}` })
    .click();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click();
  await member(ann.page, bob).waitFor({ state: 'detached' });
  await look(bob);
  await bob.page.getByText('You are not a member of this server any more').waitFor();
});

test('a connection that was cut misses nothing, and what was written meanwhile goes out', async () => {
  const { ann, bob } = await scene('Gap');
  await say(ann, 'before');
  await message(bob.page, 'before').waitFor();
  await bob.cut();
  await bob.page.getByText('Reconnecting').first().waitFor();
  await say(bob, 'written in the dark');
  await bob.page.locator('[data-draft=waiting]').waitFor();
  for (const text of ['one', 'two', 'three']) {
    await say(ann, `missed ${text}`);
    await message(ann.page, `missed ${text}`).and(ann.page.locator('[data-message]')).waitFor();
  }
  await bob.screenshot('chat-reconnecting');
  await bob.restore();
  await message(bob.page, 'missed three').waitFor();
  await message(ann.page, 'written in the dark').waitFor();
  const shown = await bob.page.locator('[data-message] .chat-text').allInnerTexts();
  expect(shown).toEqual(['before', 'missed one', 'missed two', 'missed three', 'written in the dark']);
  await bob.page.locator('[data-draft]').waitFor({ state: 'detached' });

  await bob.move(1);
  await say(ann, 'after the move');
  await message(bob.page, 'after the move').waitFor();
  await say(bob, 'and back');
  await message(ann.page, 'and back').waitFor();
});

test('the past comes in pages', async () => {
  const ann = await server('Past');
  const at =
    decodeURIComponent(String(await ann.page.evaluate('location.hash')))
      .split('/')
      .at(-1) ?? '';
  const url = `${ann.origin}/channels/${at}/messages`;
  for (let ten = 0; ten < 60; ten += 10) {
    const numbers = Array.from({ length: 10 }, (_, index) => ten + index + 1);
    await Promise.all(numbers.map((number) => post(url, { content: `number ${String(number)}.` }, ann.token)));
  }
  await ann.page.reload();
  await message(ann.page, 'number 60.').waitFor();
  expect(await ann.page.locator('[data-message]').count()).toBe(50);
  await ann.page.getByRole('button', { name: 'Load older messages' }).click();
  await message(ann.page, 'number 1.').waitFor();
  expect(await ann.page.locator('[data-message]').count()).toBe(60);
  expect(await ann.page.getByRole('button', { name: 'Load older messages' }).count()).toBe(0);
});

/** Ann has made a voice channel, and both have joined it. */
async function call({ ann, bob }: Scene): Promise<void> {
  await ann.page.getByRole('button', { name: 'Channel', exact: true }).click();
  await ann.page.getByRole('textbox', { name: 'Name' }).fill('talk');
  await ann.page.getByLabel('Kind').selectOption('voice');
  await ann.page.getByRole('button', { name: 'Create', exact: true }).click();
  await ann.page.getByRole('button', { name: 'Join talk' }).click();
  await ann.page.getByText('Nobody else is here').waitFor();
  await look(bob);
  await bob.page.getByRole('button', { name: 'Join talk' }).click();
}

const peer = (page: Page, other: Person): Locator => page.locator(`[data-peer="${other.username}"]`);

async function hears(page: Page, other: Person): Promise<void> {
  await page.locator(`[data-peer="${other.username}"][data-state=connected]`).waitFor({ timeout: SLOW_MS });
  const packets = async (): Promise<number> => Number(await peer(page, other).getAttribute('data-packets'));
  const before = await packets();
  await waitFor(async () => (await packets()) >= before + SOME_PACKETS, 'packets of the other', SLOW_MS);
}

test('a voice call: both hear each other, also after a reconnect and after a page was loaded again', async () => {
  const both = await scene('Call');
  const { ann, bob } = both;
  await call(both);
  await Promise.all([hears(ann.page, bob), hears(bob.page, ann)]);
  await ann.screenshot('chat-call');
  expect(await seriousFindings(ann.page)).toEqual([]);

  await bob.page.getByRole('button', { name: 'Mute' }).click();
  await ann.page.getByRole('list', { name: 'In talk' }).getByText('muted').waitFor();

  await bob.cut();
  await hears(bob.page, ann);
  await bob.restore();
  await bob.connected();
  await hears(bob.page, ann);

  await bob.page.reload();
  await bob.page.getByRole('button', { name: 'Join talk' }).click();
  await Promise.all([hears(ann.page, bob), hears(bob.page, ann)]);

  await bob.page.getByRole('button', { name: 'Leave', exact: true }).click();
  await ann.page.getByText('Nobody else is here').waitFor();
  expect([ann.problems(), bob.problems()]).toEqual([[], []]);
});

test('a microphone that is not allowed is said in words, and one can listen', async () => {
  const both = await scene('Silent');
  const { ann, bob } = both;
  await bob.page.evaluate(
    `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`,
  );
  await call(both);
  await bob.page.getByText('This page may not use the microphone').waitFor();
  await bob.page.getByRole('button', { name: 'Listen only' }).click();
  await hears(bob.page, ann);
});

test('on a phone, in the dark', async () => {
  const ann = await server('Phone');
  await say(ann, 'A message that is long enough to need more than one line on a screen that is as narrow as this one.');
  const phone = await stage.person({ gateway: 2, name: 'cleo', phone: true, dark: true });
  const [, , id = ''] = decodeURIComponent(String(await ann.page.evaluate('location.hash'))).split('/');
  await phone.open('chat', 'join', id);
  await phone.page.getByRole('dialog').getByRole('button', { name: 'Join' }).click();
  await phone.screenshot('chat-phone-channels');
  await phone.page.getByRole('button', { name: 'general' }).click();
  await message(phone.page, 'long enough').waitFor();
  await say(phone, 'So it is.');
  await message(ann.page, 'So it is.').waitFor();
  await phone.screenshot('chat-phone-dark');
  expect(await overflow(phone.page)).toBeLessThanOrEqual(0);
  expect(await seriousFindings(phone.page)).toEqual([]);
  await phone.page.getByRole('button', { name: 'Members', exact: true }).click();
  await member(phone.page, ann).waitFor();
});
