import { ScenarioFailure } from './failure.js';

const ANSWER_MS = 10_000;

export interface RestOptions {
  readonly body?: unknown;
  readonly bearer?: string;
}

/** The server's REST API, as far as scenarios need it. */
export class Rest {
  constructor(
    readonly base: string,
    private readonly apiKey: string | undefined,
  ) {}

  /** With the server API key. */
  async asServer(method: string, path: string, status: number, body?: unknown): Promise<unknown> {
    if (this.apiKey === undefined) throw new ScenarioFailure('no server API key was given');
    return this.expect(method, path, status, { bearer: this.apiKey, ...(body === undefined ? {} : { body }) });
  }

  /** The parsed body of the answer, which must have this status. */
  async expect(method: string, path: string, status: number, options: RestOptions = {}): Promise<unknown> {
    const response = await this.ask(method, path, options);
    const text = await response.text();
    if (response.status !== status) {
      throw new ScenarioFailure(`${method} ${path} answered HTTP ${response.status}, expected ${status}`, text);
    }
    return text === '' ? undefined : parsed(text);
  }

  /** Any status that says it was done; for what a scenario needs and does not test. */
  async succeed(method: string, path: string, options: RestOptions = {}): Promise<void> {
    const response = await this.ask(method, path, options);
    const text = await response.text();
    if (!response.ok) throw new ScenarioFailure(`${method} ${path} answered HTTP ${response.status}`, text);
  }

  private ask(method: string, path: string, { body, bearer }: RestOptions): Promise<Response> {
    return fetch(new URL(path, this.base), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ScenarioFailure('the answer is not JSON', text.slice(0, 300));
  }
}
