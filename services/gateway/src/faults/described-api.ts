import { isRecord, misfit } from './json-schema.js';

export interface DescribedCall {
  /** As the description has it: `GET /servers/{id}`. */
  readonly route: string;
  readonly status: number;
  readonly token?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const ANSWER_MS = 20_000;

/** Calls routes of a running gateway, and throws when an answer is not what `/openapi.json` says of it. */
export class DescribedApi {
  readonly #answered = new Map<string, Set<number>>();

  private constructor(
    private readonly url: string,
    private readonly document: Record<string, unknown>,
  ) {}

  static async of(url: string): Promise<DescribedApi> {
    const response = await fetch(`${url}/openapi.json`);
    const document: unknown = await response.json();
    if (!isRecord(document)) throw new Error('the description is not an object');
    return new DescribedApi(url, document);
  }

  get routes(): readonly string[] {
    return Object.entries(membersOf(this.document['paths'])).flatMap(([path, methods]) =>
      Object.keys(membersOf(methods)).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Routes whose description knows of no error but a fault of the server. */
  neverFails(route: string): boolean {
    return Object.keys(this.#responses(route)).every((status) => Number(status) < 400 || Number(status) >= 500);
  }

  needsToken(route: string): boolean {
    return this.#operation(route)['security'] !== undefined;
  }

  /** Statuses that the route has answered so far. */
  answered(route: string): readonly number[] {
    return [...(this.#answered.get(route) ?? [])].sort();
  }

  /** The body of the answer; undefined for 204. */
  async call(wanted: DescribedCall): Promise<unknown> {
    const { route, status, token, body } = wanted;
    const [method = '', template = ''] = route.split(' ');
    const described = schemaOf(this.#operation(route)['requestBody']);
    if (status < 400 && body !== undefined) this.#fits(`${route}: request`, described, body);
    const response = await fetch(this.url + filled(template, wanted), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    const what = `${route} ${String(response.status)}`;
    if (response.status !== status) throw new Error(`${what}, expected ${String(status)}: ${text}`);
    const said = this.#responses(route)[String(status)];
    if (said === undefined) throw new Error(`${what} is not described`);
    const answered = this.#answered.get(route) ?? new Set();
    this.#answered.set(route, answered.add(status));
    const schema = schemaOf(said);
    if (schema === undefined) {
      if (text !== '') throw new Error(`${what} has a body that is not described: ${text}`);
      return undefined;
    }
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith('application/json')) throw new Error(`${what} is ${type}`);
    const answer: unknown = JSON.parse(text);
    this.#fits(what, schema, answer);
    return answer;
  }

  #fits(what: string, schema: unknown, value: unknown): void {
    const wrong = misfit(schema, value, this.document);
    if (wrong !== undefined) throw new Error(`${what}: ${wrong}`);
  }

  #operation(route: string): Record<string, unknown> {
    const [method = '', path = ''] = route.split(' ');
    const operation = membersOf(membersOf(this.document['paths'])[path])[method.toLowerCase()];
    if (!isRecord(operation)) throw new Error(`${route} is not described`);
    return operation;
  }

  #responses(route: string): Record<string, unknown> {
    return membersOf(this.#operation(route)['responses']);
  }
}

function schemaOf(content: unknown): unknown {
  return membersOf(membersOf(membersOf(content)['content'])['application/json'])['schema'];
}

function filled(template: string, { path = {}, query = {} }: DescribedCall): string {
  const whole = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? 'none'));
  const search = new URLSearchParams(query).toString();
  return search === '' ? whole : `${whole}?${search}`;
}

function membersOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
