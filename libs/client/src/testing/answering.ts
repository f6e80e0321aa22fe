/** A `fetch` that answers each request with what is listed next, 204 after the last; `asked` is what it was asked. */
export function answering(...answers: readonly (Response | object)[]): {
  readonly asked: string[];
  readonly fetch: typeof fetch;
} {
  const asked: string[] = [];
  const left = [...answers];
  const answer = (url: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const bearer = new Headers(init?.headers).get('Authorization') ?? 'nobody';
    const path = url instanceof URL ? url.pathname + url.search : 'other';
    const body = typeof init?.body === 'string' ? [init.body] : [];
    asked.push([bearer.replace('Bearer ', ''), init?.method, path, ...body].join(' '));
    const next = left.shift();
    if (next === undefined) return Promise.resolve(new Response(null, { status: 204 }));
    return Promise.resolve(next instanceof Response ? next : Response.json(next));
  };
  return { asked, fetch: answer };
}
