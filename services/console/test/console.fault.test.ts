import { waitFor } from '@parley/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { overflow, seriousFindings } from './harness/axe.js';
import { SLOW_MS, type Person } from './harness/person.js';
import { ask, post } from './harness/rest.js';
import { startStage, type Stage } from './harness/stage.js';

/** The console as a whole, in a real browser, against two gateways; what happens in a room is in that room's own test. */
const ROOMS = ['chat', 'topics', 'document', 'watch', 'party', 'operator'] as const;
const DEMO = { username: `demo_${process.pid.toString(36)}`, password: 'correct horse battery' };

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ PARLEY_CONSOLE_DEMO: JSON.stringify([DEMO]) });
  await ask('POST', `${stage.origin(1)}/auth/register`, { body: DEMO });
});
afterEach(() => stage.clear());
afterAll(() => stage.stop());

const rooms = ({ page }: Person) => page.getByRole('navigation', { name: 'Rooms' });
const wire = ({ page }: Person) => page.getByRole('complementary', { name: 'Wire: raw frames' });

async function openWire(person: Person): Promise<void> {
  await person.page.getByRole('button', { name: 'Wire', exact: true }).click();
  await wire(person).getByRole('heading', { name: 'Wire' }).waitFor();
}

describe('who one is', () => {
  test('a new account, out, a wrong password, in again by the keyboard', async () => {
    const visitor = await stage.visitor();
    const { page } = visitor;
    const username = `ann_${process.pid.toString(36)}`;
    await page.getByRole('button', { name: 'Create one' }).click();
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await rooms(visitor).waitFor();
    await page.reload();
    await page.getByText(username).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();

    await page.getByLabel('Username or email').fill(username);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Password').press('Enter');
    await rooms(visitor).waitFor();
    expect(visitor.problems()).toEqual([]);
  });

  test('two windows are two people with one click each: the demo account and a guest', async () => {
    const [one, two] = [await stage.visitor(), await stage.visitor({ gateway: 2 })];
    await one.page.getByRole('button', { name: `Continue as ${DEMO.username}` }).click();
    await two.page.getByRole('button', { name: 'Continue as a new guest' }).click();
    for (const each of [one, two]) await rooms(each).waitFor();
    await one.page.getByText(DEMO.username).waitFor();
    expect(await two.page.locator('.me-name').innerText()).toMatch(/^[a-z]+_[a-z]+_\d{4}$/);
  });

  test('a login that is revoked ends at once, and the page says so', async () => {
    const ann = await stage.person();
    await ann.open('topics');
    await ann.connected();
    await ask('POST', `${stage.origin(1)}/admin/users/${ann.id}/revoke`, { token: stage.apiKey });
    await ann.page.getByRole('alert').getByText('Your login has ended').waitFor();
  });
});

describe('the switch and the wire', () => {
  test('cut: nothing gets through; restored: what was missed is replayed, counted and flagged', async () => {
    const [ann, ben] = [await stage.person({ name: 'ann' }), await stage.person({ name: 'ben', gateway: 2 })];
    await ann.open('topics');
    await ann.connected();
    const topic = `console.${process.pid.toString(36)}`;
    await subscribe(ann, topic);
    const url = `${stage.origin(2)}/topics/${topic}/messages`;
    const publish = (text: string) => ask('POST', url, { body: { payload: { text } }, token: stage.apiKey });
    await openWire(ann);
    await publish('before');
    await wire(ann).locator('[data-type=Broadcast][data-direction=in]').first().waitFor();

    await ann.cut();
    await ann.page.locator('.room-head [data-state=waiting]').waitFor();
    for (const text of ['one', 'two', 'three']) await publish(text);
    await ann.restore();
    await ann.page.getByText('Back. 3 missed events were replayed, in 3 frames.').waitFor();
    await ann.connected();
    await wire(ann).getByLabel('Direction').selectOption('replayed');
    await waitFor(async () => (await wire(ann).locator('.wire-row').count()) === 3, 'the replayed frames', SLOW_MS);
    await ann.screenshot('wire-replayed');
    expect([...ann.problems(), ...ben.problems()]).toEqual([]);
  });

  test('the other gateway: connections move there, and so does REST', async () => {
    const ann = await stage.person();
    await ann.open('topics');
    await ann.connected();
    const before = await gatewayOf(ann);
    await ann.move(2);
    await waitFor(async () => ![undefined, before].includes(await gatewayOf(ann)), 'the other gateway', SLOW_MS);
    await ann.connected();
    const asked = ann.page.waitForRequest((request) => request.url().startsWith(`${stage.origin(2)}/`));
    await ann.open('document');
    await asked;
    expect(ann.problems()).toEqual([]);
  });

  test('a gateway that is gone: the page goes on at the other one, in rooms that it had not opened', async () => {
    const ann = await stage.person();
    await ann.open('topics');
    await ann.connected();
    const fetched = (room: string) =>
      ann.page.evaluate(`performance.getEntriesByType('resource').some(({ name }) => name.includes('${room}-room'))`);
    await waitFor(async () => (await fetched('operator')) === true, 'the other rooms to be fetched', SLOW_MS);
    stage.roads[0]?.cut();
    await ann.page.locator('.room-head [data-state=waiting]').waitFor();
    await ann.move(2);
    await ann.connected();
    await ann.open('chat');
    await ann.connected();
  });

  test('a frame is opened, shown with its rules, copied; the list is filtered and paused', async () => {
    const ann = await stage.person();
    await ann.open('topics');
    await openWire(ann);
    const frame = wire(ann).locator('[data-type=Status]').first();
    await frame.getByRole('button').first().click();
    await frame.getByText('topics HS6').waitFor();
    await frame.getByText('The first frame after login is Status connected', { exact: false }).waitFor();
    await frame.getByRole('button', { name: 'Copy frame' }).click();
    const copied = String(await ann.page.evaluate('navigator.clipboard.readText()'));
    expect(JSON.parse(copied)).toMatchObject({ type: 'Status', data: { status: 'connected' } });

    await wire(ann).getByLabel('Filter by type or text').fill('no frame says this');
    await wire(ann).getByText('No frames').waitFor();
    await wire(ann).getByLabel('Filter by type or text').fill('');
    await wire(ann).getByRole('button', { name: 'Pause' }).click();
    const paused = await wire(ann).locator('.wire-row').count();
    await subscribe(ann, 'while.paused');
    await wire(ann).getByText('Paused.').waitFor();
    expect(await wire(ann).locator('.wire-row').count()).toBe(paused);
    await wire(ann).getByRole('button', { name: 'Go on' }).first().click();
    await wire(ann).locator('[data-type=Subscribe][data-direction=out]').first().waitFor();
  });
});

describe('for everybody', () => {
  test('every room, light and dark: nothing serious to axe, nothing against the policy', async () => {
    const ann = await stage.person();
    const inBoth = async (name: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await ann.page.emulateMedia({ colorScheme });
        await ann.screenshot(`${name}-${colorScheme}`);
        expect.soft(await seriousFindings(ann.page), `${name}, ${colorScheme}`).toEqual([]);
      }
    };
    for (const room of ROOMS) {
      await ann.open(room);
      await settled(ann);
      await inBoth(room);
    }
    await ann.open('topics');
    await openWire(ann);
    await inBoth('wire');
    await ann.page.getByRole('button', { name: 'Sign out' }).click();
    await ann.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await inBoth('sign-in');
    expect(ann.problems()).toEqual([]);
  });

  test('on a phone no room is wider than the screen, and rooms are changed at the bottom', async () => {
    const ann = await stage.person({ phone: true });
    for (const room of ROOMS) {
      await rooms(ann).getByRole('link', { name: room }).click();
      await settled(ann);
      await ann.screenshot(`${room}-phone`);
      expect.soft(await overflow(ann.page), room).toBeLessThanOrEqual(0);
    }
    await openWire(ann);
    await ann.screenshot('wire-phone');
    expect(await overflow(ann.page)).toBeLessThanOrEqual(0);
  });

  test('by keyboard: past the navigation, into another room, which takes the focus', async () => {
    const ann = await stage.person();
    const { page } = ann;
    await ann.open('chat');
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    await waitFor(async () => (await focused()) === 'Skip to the room', 'the first stop', SLOW_MS);
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('main');
    await rooms(ann).getByRole('link', { name: 'Party' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Party' }).waitFor();
    await waitFor(async () => (await focused()) === 'main', 'the focus in the room', SLOW_MS);
    expect(await page.title()).toBe('Party · Parley console');
  });

  test('colours: as the system, or as chosen, which outlasts a reload', async () => {
    const ann = await stage.person({ dark: true });
    const background = () => ann.page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await ann.page.getByRole('button', { name: /^Colours: as the system/ }).click();
    expect(await background()).not.toBe(dark);
    await ann.page.reload();
    await ann.page.getByRole('button', { name: /^Colours: light/ }).waitFor();
    expect(await background()).not.toBe(dark);
  });
});

test('what people write stays text: names of servers, channels, devices and parties, messages, payloads, frames', async () => {
  const hostile = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>&lt;b&gt;`;
  const ann = await stage.person({ name: 'ann' });
  const { page, token } = ann;
  const url = stage.origin(1);
  const send = (path: string, body: unknown) => post(`${url}${path}`, body, token);
  const server = await send('/servers', { name: hostile, description: hostile });
  const channel = await send(`/servers/${String(server['id'])}/channels`, { name: hostile, type: 'text' });
  await send(`/channels/${String(channel['id'])}/messages`, { content: hostile });
  await send('/devices', { device_id: `cam-${process.pid.toString(36)}`, device_name: hostile });
  await send('/sessions', { name: hostile });
  const untouched = async (): Promise<void> => {
    const found: unknown = await page.evaluate(
      '[window.hacked ?? "unharmed", document.querySelectorAll("img, b[onerror], #root script, [onerror]").length]',
    );
    expect(found).toEqual(['unharmed', 0]);
  };
  await page.reload();
  await openWire(ann);
  for (const room of ['chat', 'watch', 'party']) {
    await ann.open(room);
    await page.locator('main').getByText(hostile).first().waitFor();
    await untouched();
  }
  await ann.open('topics');
  await ann.connected();
  await subscribe(ann, 'hostile.*');
  await ask('POST', `${url}/topics/hostile.text/messages`, { body: { payload: hostile }, token: stage.apiKey });
  await page.locator('main').getByText('window.hacked=1').first().waitFor();
  const frame = wire(ann).locator('[data-type=Broadcast]').first();
  await frame.getByRole('button').first().click();
  await frame.locator('pre').getByText('window.hacked=1').waitFor();
  await untouched();
  expect(ann.problems()).toEqual([]);
});

test('the page and its first room are below 200 KB, as they travel', async () => {
  const visitor = await stage.visitor();
  await visitor.page.getByRole('button', { name: 'Continue as a new guest' }).click();
  await visitor.page.getByRole('heading', { level: 1, name: 'Chat' }).waitFor();
  const loaded: unknown = await visitor.page.evaluate(
    '[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((one) => one.toJSON())',
  );
  const all = Array.isArray(loaded) ? loaded.filter(isLoaded) : [];
  // Later, when nothing else is to be done, the other rooms are fetched.
  const until = all.find(({ name }) => /chat-room.*js$/.test(name))?.responseEnd ?? 0;
  const page = all.filter(
    ({ name, startTime }) => startTime <= until && (name.endsWith('/') || /\/assets\/.*\.(js|css)$/.test(name)),
  );
  expect(page.length).toBeGreaterThan(3);
  expect(page.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)).toBeLessThan(200 * 1_024);
  expect(page.every(({ encodedBodySize }) => encodedBodySize > 0)).toBe(true);
});

interface Loaded {
  readonly name: string;
  readonly startTime: number;
  readonly responseEnd: number;
  readonly encodedBodySize: number;
}

function isLoaded(value: unknown): value is Loaded {
  return typeof value === 'object' && value !== null && 'name' in value && 'encodedBodySize' in value;
}

/** By what the person sees; the room's own test looks closer. */
async function subscribe({ page }: Person, pattern: string): Promise<void> {
  await page
    .getByRole('textbox', { name: /pattern/i })
    .first()
    .fill(pattern);
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByText(pattern).first().waitFor();
}

async function settled({ page }: Person): Promise<void> {
  await page.locator('.room').first().waitFor();
  await waitFor(async () => (await page.locator('main .spinner').count()) === 0, 'everything to be loaded', SLOW_MS);
}

async function gatewayOf(person: Person): Promise<string | undefined> {
  const url = `${stage.origin(1)}/admin/connections?user_id=${person.id}`;
  const answer = await ask('GET', url, { token: stage.apiKey });
  return /"gateway_id":"([^"]+)"/.exec(JSON.stringify(answer))?.[1];
}
