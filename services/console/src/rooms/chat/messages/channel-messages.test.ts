import { ParleyError, type ChatMessage } from '@parley/client';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { messageOf } from '../testing/messages.js';
import { ChannelMessages } from './channel-messages.js';

const ME = 'ann';
let stored: ChatMessage[];
let ready: boolean;
let count: number;
let send: (content: string, replyTo?: string) => Promise<ChatMessage>;
let list: () => Promise<ChatMessage[]>;
let channel: ChannelMessages;

function store(content: string, replyTo?: string): ChatMessage {
  count += 1;
  const message = messageOf({ id: `m${String(count).padStart(3, '0')}`, content, reply_to: replyTo ?? null });
  stored.push(message);
  return message;
}

beforeEach(() => {
  [stored, ready, count] = [[], true, 0];
  send = async (content, replyTo) => store(content, replyTo);
  list = async () => [...stored].reverse();
  channel = new ChannelMessages('channel', {
    me: ME,
    isReady: () => ready,
    rest: {
      messages: () => list(),
      send: (_channel, content, replyTo) => send(content, replyTo),
      edit: async (id, content) => messageOf({ id, content, updated_at: '2026-01-01T00:00:01.000Z' }),
      delete: async (id) => {
        if (!stored.some((one) => one.id === id)) throw new ParleyError('not_found', 'no such message');
        stored = stored.filter((one) => one.id !== id);
      },
    },
  });
});

const contents = (): string[] => channel.state.get().log.messages.map(({ content }) => content);
const drafts = (): string[] => channel.state.get().drafts.map(({ content, state }) => `${content}: ${state}`);

function say(text: string): void {
  channel.write(text);
  channel.send();
}

async function settled(): Promise<void> {
  await vi.waitFor(() => {
    if (channel.state.get().drafts.some(({ state }) => state === 'sending')) throw new Error('still sending');
  });
}

describe('sending', () => {
  test('one after the other, in the order they were written', async () => {
    await channel.loadNewest();
    for (const text of ['one', 'two', ' ', 'three']) say(text);
    expect(drafts()).toEqual(['one: sending', 'two: waiting', 'three: waiting']);
    await vi.waitFor(() => expect(drafts()).toEqual([]));
    expect(contents()).toEqual(['one', 'two', 'three']);
  });

  test('what fails stays, and goes out when its author tries again', async () => {
    send = () => Promise.reject(new ParleyError('unavailable', 'try again later'));
    say('one');
    await settled();
    expect(drafts()).toEqual(['one: failed']);
    expect(channel.isExpendable).toBe(false);
    send = async (content) => store(content);
    channel.retry(1);
    await vi.waitFor(() => expect(drafts()).toEqual([]));
    expect(contents()).toEqual(['one']);
  });

  test('without a connection it waits for one', async () => {
    ready = false;
    say('one');
    expect(drafts()).toEqual(['one: waiting']);
    ready = true;
    await channel.reconnected(true);
    await vi.waitFor(() => expect(drafts()).toEqual([]));
    expect(contents()).toEqual(['one']);
  });

  test('the answer is lost, the message is not: it is shown once', async () => {
    await channel.loadNewest();
    send = async (content) => {
      channel.created(store(content));
      throw new ParleyError('timeout', 'no answer');
    };
    say('one');
    await settled();
    expect([drafts(), contents()]).toEqual([[], ['one']]);
  });

  test('the answer is lost and so is the event: the page that is read then has the message', async () => {
    await channel.loadNewest();
    send = async (content) => {
      store(content);
      throw new ParleyError('timeout', 'no answer');
    };
    say('one');
    await settled();
    expect(drafts()).toEqual(['one: failed']);
    await channel.reconnected(false);
    expect([drafts(), contents()]).toEqual([[], ['one']]);
  });

  test('the same words of before are not what is being sent', async () => {
    store('one');
    await channel.loadNewest();
    send = () => Promise.reject(new ParleyError('timeout', 'no answer'));
    say('one');
    await settled();
    await channel.loadNewest();
    expect([drafts(), contents()]).toEqual([['one: failed'], ['one']]);
    channel.discard(1);
    expect(drafts()).toEqual([]);
  });
});

describe('what is shown', () => {
  test('an answer that is older than a deletion does not bring the message back', async () => {
    const message = store('gone');
    let answer: (page: ChatMessage[]) => void = () => undefined;
    list = () => new Promise((resolve) => (answer = resolve));
    const loading = channel.loadNewest();
    channel.deleted(message.id);
    answer([message]);
    await loading;
    expect(contents()).toEqual([]);
  });

  test('a reconnect that brings everything reads nothing anew, one that does not does', async () => {
    store('one');
    await channel.loadNewest();
    let reads = 0;
    list = async () => {
      reads += 1;
      return [...stored].reverse();
    };
    await channel.reconnected(true);
    store('missed');
    await channel.reconnected(false);
    expect([reads, contents()]).toEqual([1, ['one', 'missed']]);
  });

  test('a page that can’t be read is an error, and what is there stays', async () => {
    store('one');
    await channel.loadNewest();
    list = () => Promise.reject(new ParleyError('offline', 'no answer'));
    await channel.loadNewest();
    expect(channel.state.get()).toMatchObject({ loading: false, error: { code: 'offline' } });
    expect(contents()).toEqual(['one']);
  });

  test('edits and deletions, one’s own and those of others', async () => {
    const [one, two] = [store('one'), store('two')];
    await channel.loadNewest();
    await channel.edit(one.id, 'edited');
    expect(contents()).toEqual(['edited', 'two']);
    channel.updated(messageOf({ id: two.id, content: 'changed', updated_at: '2026-01-01T00:00:02.000Z' }));
    expect(contents()).toEqual(['edited', 'changed']);
    await channel.delete(two.id);
    await channel.delete(two.id);
    expect(contents()).toEqual(['edited']);
  });
});
