import { waitFor } from '@parley/testing';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { SLOW_MS, type Person } from './harness/person.js';

/** What tests do in the document room, and what they read there. */

export async function openText(person: Person, room: string): Promise<void> {
  await person.open('document', room);
  await field(person).waitFor();
}

export function field({ page }: Person): Locator {
  return page.getByRole('textbox', { name: 'The shared text' });
}

/** At a place in the text, as a person types. */
export async function typeAt(person: Person, position: 'Control+Home' | 'Control+End', text: string): Promise<void> {
  await field(person).press(position);
  await field(person).pressSequentially(text);
}

export async function shows(person: Person, expected: string | RegExp): Promise<void> {
  await waitFor(
    async () => {
      const text = await field(person).inputValue();
      if (typeof expected === 'string') expect(text).toBe(expected);
      else expect(text).toMatch(expected);
      return true;
    },
    `${person.username} to read it`,
    SLOW_MS,
  );
}

export async function reads({ page }: Person, testId: string, expected: string | RegExp): Promise<void> {
  await page.getByTestId(testId).filter({ hasText: expected }).waitFor();
}

export async function saved(...people: readonly Person[]): Promise<void> {
  for (const person of people) await reads(person, 'sync', 'all changes saved');
}

/** Such as `To do: apples bread | Doing: | Done: dates`, read at one moment. */
export async function boardOf(page: Page): Promise<string> {
  const drawn: unknown = await page.evaluate(`[...document.querySelectorAll('[data-column]')].map((column) => {
    const [head, ...cards] = [...column.querySelectorAll('textarea')].map(({ value }) => value);
    return (head + ': ' + cards.join(' ')).trim();
  }).join(' | ')`);
  return String(drawn);
}

export async function boardShows({ page, username }: Person, expected: string | RegExp): Promise<void> {
  await waitFor(
    async () => {
      const drawn = await boardOf(page);
      if (typeof expected === 'string') expect(drawn).toBe(expected);
      else expect(drawn).toMatch(expected);
      return true;
    },
    `${username} to see the board`,
    SLOW_MS,
  );
}

export function card({ page }: Person, title: string): Locator {
  return page.locator(`[data-card="card-${title}"]`);
}

export async function standsBehind(person: Person, other: Person, expected: string): Promise<void> {
  await waitFor(
    async () => {
      expect(await textBefore(person.page, other.id)).toBe(expected);
      return true;
    },
    'the caret',
    SLOW_MS,
  );
}

/** What stands before somebody's caret, as it is drawn. */
async function textBefore(page: Page, userId: string): Promise<unknown> {
  return page.evaluate(`(() => {
    const caret = document.querySelector('[data-caret="${userId}"]');
    const range = document.createRange();
    range.setStartBefore(caret.closest('.text-layer').firstChild);
    range.setEndBefore(caret);
    const copy = range.cloneContents();
    copy.querySelectorAll('.text-caret').forEach((one) => one.remove());
    return copy.textContent;
  })()`);
}

export async function drag(page: Page, cardId: string, columnId: string): Promise<void> {
  const card = page.locator(`[data-card="${cardId}"]`);
  await card.locator('.card-handle').hover();
  await page.mouse.down();
  const column = page.locator(`[data-column="${columnId}"]`);
  await column.hover();
  await column.locator('.drop-line').waitFor();
  expect(await card.getAttribute('class')).toContain('card-dragged');
  await page.mouse.up();
}

export async function add({ page }: Person, column: string, title: string): Promise<void> {
  const input = page.getByRole('textbox', { name: `New card in ${column}` });
  await input.fill(title);
  await input.press('Enter');
}
