import http from 'k6/http';
import { boardUrl } from './settings.js';

/**
 * VUs share nothing. The runner keeps a board for them: lists with names, to which anyone adds, and which anyone may wait
 * for to be so long. It also does what a script cannot: `gateway` ends processes.
 */
const HEADERS = { 'content-type': 'application/json' };
const NAME = { tags: { name: 'board' } };

export async function post(list: string, entry: unknown): Promise<void> {
  const params = { headers: HEADERS, ...NAME, timeout: '60s' };
  const answer = await http.asyncRequest('POST', `${boardUrl}/lists/${list}`, JSON.stringify(entry), params);
  if (answer.status !== 204) throw new Error(`the board answered ${answer.status} to ${list}`);
}

/** In setup, where nothing may be awaited. */
export function postNow(list: string, entries: readonly unknown[]): void {
  const answer = http.put(`${boardUrl}/lists/${list}`, JSON.stringify(entries), { headers: HEADERS, ...NAME });
  if (answer.status !== 204) throw new Error(`the board answered ${answer.status} to ${list}`);
}

/** Everything in the list, once it has `count` entries. */
export async function wait(list: string, count: number, withinSeconds: number): Promise<readonly unknown[]> {
  const url = `${boardUrl}/lists/${list}?count=${count}&seconds=${withinSeconds}`;
  const answer = await http.asyncRequest('GET', url, null, { ...NAME, timeout: `${withinSeconds + 10}s` });
  const entries: unknown = answer.status === 200 ? JSON.parse(bodyOf(answer.body)) : undefined;
  if (!Array.isArray(entries)) throw new Error(`${list} had no ${count} entries within ${withinSeconds} s`);
  return entries.map((one: unknown) => one);
}

/** One entry of a list that is there. */
export async function entry(list: string, index: number): Promise<unknown> {
  const answer = await http.asyncRequest('GET', `${boardUrl}/lists/${list}/${index}`, null, {
    ...NAME,
    timeout: '60s',
  });
  if (answer.status !== 200) throw new Error(`the board has no ${list} ${index}`);
  const value: unknown = JSON.parse(bodyOf(answer.body));
  return value;
}

/** Ends gateway `number` (1 is the first) with SIGKILL; resolves when it is gone. */
export async function killGateway(number: number): Promise<void> {
  const answer = await http.asyncRequest('POST', `${boardUrl}/gateways/${number}/kill`, null, { ...NAME });
  if (answer.status !== 204) throw new Error(`gateway ${number} was not killed: ${answer.status}`);
}

function bodyOf(body: unknown): string {
  return typeof body === 'string' ? body : '';
}
