import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  add,
  boardOf,
  boardShows,
  card,
  drag,
  field,
  openText,
  reads,
  saved,
  shows,
  standsBehind,
  typeAt,
} from './document-page.js';
import { overflow, seriousFindings } from './harness/axe.js';
import type { Person } from './harness/person.js';
import { ask, post } from './harness/rest.js';
import { startStage, type Stage } from './harness/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

/** Two people on two gateways. */
async function two(): Promise<readonly [Person, Person]> {
  return [await stage.person({ gateway: 1, name: 'ann' }), await stage.person({ gateway: 2, name: 'ben', dark: true })];
}

async function createText(owner: Person, content: string, isPublic = true): Promise<string> {
  const room = await post(`${stage.origin(1)}/rooms`, { type: 'text', content, public: isPublic }, owner.token);
  return String(room['id']);
}

async function createBoard(owner: Person): Promise<string> {
  const cards = (titles: readonly string[]) => titles.map((title) => ({ id: `card-${title}`, title }));
  const columns = [
    { id: 'todo', title: 'To do', cards: cards(['apples', 'bread', 'cheese']) },
    { id: 'doing', title: 'Doing', cards: [] },
    { id: 'done', title: 'Done', cards: cards(['dates']) },
  ];
  const room = await post(
    `${stage.origin(1)}/rooms`,
    { type: 'json', content: { columns }, public: true },
    owner.token,
  );
  return String(room['id']);
}

test('two people type at once and converge; each sees the other’s caret with its name; undo is of one’s own', async () => {
  const [ann, ben] = await two();
  const room = await createText(ann, 'one two three');
  await openText(ann, room);
  await openText(ben, room);
  await ann.page
    .getByRole('list', { name: 'People in this document' })
    .getByText(ben.username, { exact: true })
    .waitFor();

  await field(ben).press('Control+Home');
  for (let step = 0; step < 4; step += 1) await field(ben).press('ArrowRight');
  const caret = ann.page.locator(`[data-caret="${ben.id}"]`);
  await caret.getByText(ben.username).waitFor();
  await standsBehind(ann, ben, 'one ');

  await field(ann).press('Control+Home');
  // At once, as one change each.
  await Promise.all([ann.page.keyboard.insertText('ANN '), ben.page.keyboard.insertText('BEN ')]);
  for (const person of [ann, ben]) await shows(person, 'ANN one BEN two three');
  await saved(ann, ben);
  // It went along with what was typed before it, and stands behind what its owner typed.
  await standsBehind(ann, ben, 'ANN one BEN ');

  await field(ben).press('Shift+ArrowRight');
  await field(ben).press('Shift+ArrowRight');
  await field(ben).press('Shift+ArrowRight');
  await ann.page.locator('.text-selected').getByText('two', { exact: true }).waitFor();
  await ann.screenshot('document-text-light');
  await ben.screenshot('document-text-dark');

  await field(ann).press('Control+z');
  for (const person of [ann, ben]) await shows(person, 'one BEN two three');
  await ann.page.getByRole('button', { name: 'Redo' }).click();
  for (const person of [ann, ben]) await shows(person, 'ANN one BEN two three');
  await ben.page.getByRole('button', { name: 'Undo your last change' }).click();
  for (const person of [ann, ben]) await shows(person, 'ANN one two three');

  await Promise.all([typeAt(ann, 'Control+Home', 'abcdefghij'), typeAt(ben, 'Control+End', '0123456789')]);
  for (const person of [ann, ben]) await shows(person, 'abcdefghijANN one two three0123456789');
  await saved(ann, ben);
  for (const person of [ann, ben]) {
    expect(await seriousFindings(person.page)).toEqual([]);
    expect(person.problems()).toEqual([]);
  }
});

test('what both write while one is cut off converges when it is back, and the resume is told', async () => {
  const [ann, ben] = await two();
  const room = await createText(ann, 'shared');
  await openText(ann, room);
  await openText(ben, room);
  await saved(ann, ben);

  await ann.cut();
  await reads(ann, 'sync', 'offline');
  await typeAt(ann, 'Control+End', ' from ann');
  await reads(ann, 'sync', 'offline, 9 changes waiting');
  await ann.screenshot('document-offline');
  // Going away would lose them; not confirmed, nobody goes.
  const asked = ann.page.waitForEvent('dialog').then((dialog) => dialog.dismiss());
  await ann.page.getByRole('button', { name: 'All documents' }).click();
  await asked;
  await typeAt(ben, 'Control+Home', 'ben and ');
  await saved(ben);
  await shows(ann, 'shared from ann');
  await shows(ben, 'ben and shared');

  await ann.restore();
  for (const person of [ann, ben]) await shows(person, 'ben and shared from ann');
  await reads(ann, 'resumed', /^resumed: [1-9]\d* operations? from others, 9 of mine sent/);
  await saved(ann, ben);
  await standsBehind(ann, ben, 'ben and ');
  await ann.screenshot('document-resumed');
  expect(await ann.page.getByTestId('version').innerText()).toBe(await ben.page.getByTestId('version').innerText());
  expect(ann.problems()).toEqual([]);
});

test('the other gateway knows the document too: a move loses nothing', async () => {
  const [ann, ben] = await two();
  const room = await createText(ann, '');
  await openText(ann, room);
  await openText(ben, room);
  const typing = typeAt(ann, 'Control+End', 'abcdefghijklmnopqrstuvwxyz');
  await shows(ben, /^abc/);
  await ann.move(2);
  // The switch has taken the focus, and with it the rest of the letters.
  await typing;
  await typeAt(ann, 'Control+End', '!');
  await saved(ann);
  await shows(ben, await field(ann).inputValue());
  expect(await field(ben).inputValue()).toMatch(/^abc.*!$/);
});

test('an input method is not disturbed by what others type', async () => {
  const [ann, ben] = await two();
  const room = await createText(ann, 'hello');
  await openText(ann, room);
  await openText(ben, room);
  await field(ann).press('Control+End');
  const keyboard = await ann.page.context().newCDPSession(ann.page);
  await keyboard.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 });
  await typeAt(ben, 'Control+Home', 'oh, ');
  await saved(ben);
  await reads(ann, 'version', await ben.page.getByTestId('version').innerText());
  await shows(ann, 'helloか');
  await keyboard.send('Input.insertText', { text: '火' });
  for (const person of [ann, ben]) await shows(person, 'oh, hello火');
});

test('two people move and edit cards at the same time, by key and by drag, and converge', async () => {
  const [ann, ben] = await two();
  const room = await createBoard(ann);
  for (const person of [ann, ben]) {
    await person.open('document', room);
    await boardShows(person, 'To do: apples bread cheese | Doing: | Done: dates');
  }
  // One moves a card while the other types in its title.
  const title = card(ben, 'apples').getByRole('textbox');
  await title.click();
  await title.press('End');
  await card(ann, 'apples').getByText(ben.username).waitFor();
  const handle = card(ann, 'apples').getByRole('button', { name: 'Move apples' });
  await handle.focus();
  await Promise.all([ann.page.keyboard.press('ArrowRight'), title.pressSequentially(' and pears')]);
  for (const person of [ann, ben]) {
    await boardShows(person, 'To do: bread cheese | Doing: apples and pears | Done: dates');
  }
  // The focus went with the card: both go on without looking for it.
  await ann.page.keyboard.press('ArrowRight');
  await ben.page.keyboard.type('!');
  for (const person of [ann, ben]) {
    await boardShows(person, 'To do: bread cheese | Doing: | Done: apples and pears! dates');
  }

  await drag(ben.page, 'card-cheese', 'doing');
  await add(ann, 'Doing', 'eggs');
  await card(ann, 'dates').getByRole('button', { name: 'Delete dates' }).click();
  for (const person of [ann, ben]) {
    await boardShows(person, 'To do: bread | Doing: cheese eggs | Done: apples and pears!');
  }
  await ben.page.getByRole('button', { name: 'Undo your last change' }).click();
  for (const person of [ann, ben]) {
    await boardShows(person, 'To do: bread cheese | Doing: eggs | Done: apples and pears!');
  }
  await ben.page.locator('.board').hover({ position: { x: 300, y: 300 } });
  await ann.page.locator(`[data-pointer="${ben.id}"]`).getByText(ben.username).waitFor();
  await card(ben, 'bread').getByRole('textbox').click();
  await card(ann, 'bread').getByText(ben.username).waitFor();
  await ann.screenshot('document-board-light');
  await ben.screenshot('document-board-dark');
  for (const person of [ann, ben]) {
    expect(await seriousFindings(person.page)).toEqual([]);
    expect(person.problems()).toEqual([]);
  }
});

test('a board that both change offline comes together', async () => {
  const [ann, ben] = await two();
  const room = await createBoard(ann);
  for (const person of [ann, ben]) {
    await person.open('document', room);
    await boardShows(person, 'To do: apples bread cheese | Doing: | Done: dates');
    await saved(person);
  }
  await ann.cut();
  await reads(ann, 'sync', 'offline');
  await ann.page.getByText('Reconnecting.').waitFor();
  await drag(ann.page, 'card-apples', 'done');
  await reads(ann, 'sync', 'offline, 1 change waiting');
  await card(ben, 'apples').getByRole('textbox').press('End');
  await ben.page.keyboard.type('!');
  await add(ben, 'Doing', 'figs');
  await saved(ben);
  await ann.restore();
  await reads(ann, 'resumed', /1 of mine sent/);
  const done = /^To do: bread cheese \| Doing: figs \| Done: (dates apples!|apples! dates)$/;
  await boardShows(ann, done);
  await boardShows(ben, await boardOf(ann.page));
});

test('a viewer reads; made an editor, they write; removed, they are told', async () => {
  const [ann, ben] = await two();
  const room = await createText(ann, 'private', false);
  await openText(ann, room);
  await ben.open('document', room);
  await ben.page.getByText('could not be opened.').waitFor();

  const setRole = (role: string): Promise<unknown> =>
    ask('PUT', `${stage.origin(1)}/rooms/${room}/members/${ben.id}`, { body: { role }, token: ann.token });
  await setRole('viewer');
  await ben.page.getByRole('button', { name: 'Try again' }).click();
  await ben.page.getByText('your role in it is viewer').waitFor();
  expect(await field(ben).getAttribute('readonly')).not.toBeNull();

  await ann.page.getByLabel(`Role of ${ben.username}`).selectOption('editor');
  await ben.page.getByText('you are an editor').waitFor();
  await typeAt(ben, 'Control+End', '!');
  await shows(ann, 'private!');

  // Made a viewer while they were away: what they wrote meanwhile is refused, and shown.
  await ben.cut();
  await typeAt(ben, 'Control+End', ' lost');
  await setRole('viewer');
  await ben.restore();
  await ben.page.getByText('A change of yours was refused').waitFor();
  await ben.page.getByText('You wrote: “lost”').waitFor();
  await shows(ben, 'private!');
  await ben.screenshot('document-refused');

  await ann.page.getByRole('button', { name: `Remove ${ben.username}` }).click();
  await ben.page.getByText('could not be opened.').waitFor();
  await ann.page.getByRole('textbox', { name: 'Let somebody in' }).fill(ben.username);
  await ann.page.getByRole('button', { name: 'Add as editor' }).click();
  await ben.page.getByRole('button', { name: 'Try again' }).click();
  await shows(ben, 'private!');
});

test('documents are made, listed, linked and deleted; hostile texts stay texts; a phone is wide enough', async () => {
  const hostile = '<img src=x onerror="alert(1)"> “]]>`${1}';
  const ann = await stage.person({ name: 'ann', phone: true });
  const { page } = ann;
  await ann.open('document');
  await page.getByRole('button', { name: 'The shared board' }).click();
  await page.locator('[data-column]').first().waitFor();
  await add(ann, 'To do', hostile);
  await page.locator('[data-card] textarea').filter({ visible: true }).first().waitFor();
  expect(await page.locator('[data-card] textarea').first().inputValue()).toBe(hostile);
  await ann.screenshot('document-board-phone');
  expect(await overflow(page)).toBeLessThanOrEqual(0);

  await page.getByRole('button', { name: 'All documents' }).click();
  await page.getByLabel('Kind').selectOption('text');
  await page.getByRole('textbox', { name: 'Id', exact: true }).fill(`notes-${process.pid.toString(36)}`);
  await page.getByRole('button', { name: 'Create' }).click();
  await typeAt(ann, 'Control+End', hostile);
  await saved(ann);
  await ann.screenshot('document-text-phone');
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Copy link' }).click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain('#/document/notes-');

  await page.getByRole('button', { name: 'All documents' }).click();
  const mine = page.getByRole('button', { name: /^notes-/ });
  await mine.waitFor();
  await ann.screenshot('document-lobby-phone');
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('button', { name: /^Delete notes-/ }).click();
  await mine.waitFor({ state: 'detached' });

  const other = { type: 'json', content: { a: ['<b>'] }, public: true };
  const room = await post(`${stage.origin(1)}/rooms`, other, ann.token);
  await ann.open('document', String(room['id']));
  await page.getByText('is not a board of cards').waitFor();
  await page.locator('pre').getByText('<b>').waitFor();
  expect(ann.problems()).toEqual([]);
});
