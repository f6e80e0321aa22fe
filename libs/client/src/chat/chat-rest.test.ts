import { expect, test } from 'vitest';
import { ManualTimers } from '../testing/manual-timers.js';
import { ChatRest } from './chat-rest.js';

const message = {
  id: 'm',
  channel_id: 'c/1',
  author_id: 'u',
  content: 'hi',
  created_at: '',
  updated_at: null,
  edited_at: null,
  reply_to: null,
};

function rest(answer: () => Response | Promise<Response>) {
  const asked: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  const timers = new ManualTimers();
  const fetch = async (url: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    asked.push({ url: url instanceof URL ? url.href : 'other', init });
    return answer();
  };
  return { asked, timers, rest: new ChatRest({ url: 'https://host', token: 'jwt', fetch, timers }) };
}

test('reading, posting and deleting messages', async () => {
  const reading = rest(() => Response.json([message]));
  expect(await reading.rest.messages('c/1', { before: 'x', limit: 5 })).toEqual([message]);
  expect(reading.asked[0]).toMatchObject({
    url: 'https://host/channels/c%2F1/messages?before=x&limit=5',
    init: { method: 'GET', headers: { Authorization: 'Bearer jwt' } },
  });
  const posting = rest(() => Response.json(message, { status: 201 }));
  expect(await posting.rest.send('c', 'hi', 'r')).toEqual(message);
  expect(posting.asked[0]?.init?.body).toBe('{"content":"hi","reply_to":"r"}');
  await rest(() => new Response(null, { status: 204 })).rest.delete('m');
});

test('refusals are typed, and answers of another shape are no answers', async () => {
  const refused = rest(() => Response.json({ error: 'not a member', code: 'not_found' }, { status: 404 })).rest;
  await expect(refused.messages('c')).rejects.toMatchObject({ code: 'not_found', message: 'not a member' });
  await expect(rest(() => new Response('<html>')).rest.messages('c')).rejects.toMatchObject({ code: 'internal' });
  const broken = rest(() => Promise.reject(new TypeError('network'))).rest;
  await expect(broken.messages('c')).rejects.toMatchObject({ code: 'offline', retryable: true });
});

test('no request outlives its deadline', async () => {
  const { rest: silent, timers } = rest(() => new Promise(() => undefined));
  const late = expect(silent.send('c', 'hi')).rejects.toMatchObject({ code: 'timeout' });
  timers.advance(15_000);
  await late;
});

test('where the server is can change between two requests', async () => {
  let url = 'https://one';
  const asked: string[] = [];
  const fetch = async (to: URL | RequestInfo): Promise<Response> => {
    asked.push(to instanceof URL ? to.href : 'other');
    return Response.json([]);
  };
  const moving = new ChatRest({ url: () => url, token: 'jwt', fetch, timers: new ManualTimers() });
  await moving.messages('c');
  url = 'https://two';
  await moving.messages('c');
  expect(asked).toEqual(['https://one/channels/c/messages', 'https://two/channels/c/messages']);
});
