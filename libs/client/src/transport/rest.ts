import { isRecord, isString, parseJson, type Check } from './check.js';
import { asParleyError, ParleyError, type ParleyErrorCode } from './parley-error.js';
import { realTimers, type Timers } from './timers.js';
import { TokenSource, type TokenProvider } from './token-source.js';
import { wait, type WaitOptions } from './wait.js';
import { currentUrl, type UrlProvider } from './websocket.js';

export interface RestConfig {
  /** `https://host`. A function is asked before every request. */
  readonly url: UrlProvider;
  /** Left out: requests go without one. */
  readonly token?: TokenProvider | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly timers?: Timers | undefined;
}

const DEADLINE_MS = 15_000;

interface Question<T> {
  readonly method: string;
  readonly path: string;
  /** What the answer has to be. */
  readonly check: Check<T>;
  readonly body?: unknown;
  /** In place of the client's own token. */
  readonly bearer?: string | undefined;
}

/** What the REST clients have in common: a deadline, a bearer, answers that are checked, refusals that are `ParleyError`s. */
export class Rest<C extends RestConfig = RestConfig> {
  private readonly tokens: TokenSource | undefined;
  private readonly timers: Timers;

  constructor(private readonly config: C) {
    this.timers = config.timers ?? realTimers;
    this.tokens = config.token === undefined ? undefined : new TokenSource(config.token, this.timers);
  }

  /** Any resource of the API. `check` says what the answer has to be. Not repeated by itself: that is for who knows the resource. */
  request<T>(method: string, path: string, check: Check<T>, body?: unknown, options?: WaitOptions): Promise<T> {
    return this.ask({ method, path, check, body }, options);
  }

  /** @internal */
  protected ask<T>(question: Question<T>, options: WaitOptions = {}): Promise<T> {
    const stop = new AbortController();
    const what = `${question.method} ${question.path}`;
    return wait<T>(this.timers, what, { timeoutMs: DEADLINE_MS, ...options }, (settle) => {
      const work = this.perform(question, what, stop.signal);
      work.then(
        (value) => settle.resolve(value),
        (error: unknown) => settle.reject(asParleyError(error, 'offline', 'no answer')),
      );
      return () => stop.abort();
    });
  }

  private async perform<T>(question: Question<T>, what: string, signal: AbortSignal): Promise<T> {
    const { method, path, check, body, bearer } = question;
    const token = bearer ?? (await this.tokens?.fresh());
    const send = this.config.fetch ?? globalThis.fetch;
    const response = await send(new URL(path, currentUrl(this.config.url)), {
      method,
      signal,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = parseJson(await response.text());
    if (!response.ok) throw refusal(response.status, answer);
    if (!check(answer)) throw new ParleyError('internal', `${what} was answered in an unknown shape`);
    return answer;
  }
}

export const isNothing: Check<unknown> = (value): value is unknown => value === value;

/** `?a=b` of what is given, `` of nothing. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const codes: Readonly<Record<number, ParleyErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
};

function refusal(status: number, answer: unknown): ParleyError {
  const inner = isRecord(answer) ? answer['error'] : undefined;
  const said = [isRecord(inner) ? inner['message'] : inner, isRecord(answer) ? answer['message'] : undefined].find(
    isString,
  );
  const code = codes[status] ?? (status >= 500 ? 'internal' : 'invalid');
  return new ParleyError(code, isString(said) ? said : `answered with ${status}`, { wireCode: status });
}
