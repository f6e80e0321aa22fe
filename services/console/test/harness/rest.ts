/** Fails with what the server said. An API key is a token too. */
export async function ask(
  method: string,
  url: string,
  { body, token }: { readonly body?: unknown; readonly token?: string } = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${String(response.status)}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function post(url: string, body: unknown, token?: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask('POST', url, { body, ...(token === undefined ? {} : { token }) });
  if (typeof answer !== 'object' || answer === null) throw new Error(`POST ${url} answered nothing`);
  return { ...answer };
}
