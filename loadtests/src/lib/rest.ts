import http from 'k6/http';
import { setTimeout } from 'k6/timers';
import { waitAfter } from './backoff.js';
import { isFields, type Fields } from './json.js';
import { urls } from './settings.js';

const TRIES = 12;

export interface Answer {
  readonly status: number;
  readonly body: Fields;
}

/** Asks again what could not be answered now: 503, 429 or nothing at all, after what `Retry-After` says at least. */
export async function ask(method: string, path: string, token: string, body?: object): Promise<Answer> {
  for (let failures = 0; ; failures++) {
    const url = `${urls[failures % urls.length] ?? ''}${path}`;
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await http.asyncRequest(method, url, text, paramsOf(token));
    const passes = answer.status === 0 || answer.status === 429 || answer.status >= 500;
    if (!passes || failures === TRIES) return { status: answer.status, body: fieldsOf(answer.body) };
    await pause(waitAfter(failures, 1_000 * Number(answer.headers['Retry-After'] ?? 0)));
  }
}

/** In setup, where nothing may be awaited. */
export function askNow(method: string, path: string, token: string, body?: object): Answer {
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = http.request(method, `${urls[0] ?? ''}${path}`, text, paramsOf(token));
  return { status: answer.status, body: fieldsOf(answer.body) };
}

export function paramsOf(token: string) {
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  return { headers: { 'content-type': 'application/json', ...authorization }, tags: { name: 'rest' }, timeout: '20s' };
}

export function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'string' || body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), Math.max(1, Math.round(ms)));
  });
}
