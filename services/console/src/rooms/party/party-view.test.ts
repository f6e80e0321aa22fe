import { ParleyError, type PartyClient, type PartyMember } from '@parley/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { PartyPlaces } from './party-places.js';
import { PartyView } from './party-view.js';
import { endingOf, isGone, waitingText } from './party-words.js';

type Handler = (...args: readonly unknown[]) => void;

/** As much of a client as a view listens to. */
class FakeClient {
  readonly members: readonly PartyMember[] = [];
  readonly session = undefined;
  readonly latency = undefined;
  memberId: string | undefined;
  private readonly handlers = new Map<string, Handler>();

  readonly on: PartyClient['on'] = (event, handler) => {
    const untyped: unknown = handler;
    if (isHandler(untyped)) this.handlers.set(event, untyped);
    return () => this.handlers.delete(event);
  };

  readonly off = (): void => undefined;

  tell(event: string, ...args: readonly unknown[]): void {
    this.handlers.get(event)?.(...args);
  }

  get listening(): number {
    return this.handlers.size;
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

let client: FakeClient;
let view: PartyView;
let said: string[];
let stop: () => void;

beforeEach(() => {
  client = new FakeClient();
  said = [];
  view = new PartyView(
    client,
    () => 5,
    (text) => said.push(text),
  );
  stop = view.start();
});

function join(memberId: string): void {
  client.memberId = memberId;
  client.tell('joined', memberId, { id: 's', name: 'Ours', hostId: 'h' });
}

describe('what happens in a party', () => {
  test('is told in words, the newest first, and said aloud', () => {
    join('me');
    client.tell('memberJoined', { name: 'Ann' });
    client.tell('memberStatus', { id: 'ann', name: 'Ann', connectionStatus: 'reconnecting' });
    client.tell('memberLeft', { name: 'Ann' }, 'timeout');
    const texts = view.state.get().happenings.map(({ text }) => text);
    expect(texts).toEqual([
      'Ann did not come back in time',
      'Ann has lost the connection; the place is kept',
      'Ann joined',
      'You joined Ours',
    ]);
    expect(said).toEqual([...texts].reverse());
  });

  test('one loss is told once, and the return says to which place', () => {
    join('me');
    for (let attempt = 0; attempt < 3; attempt += 1) client.tell('status', { state: 'waiting' });
    client.tell('memberStatus', { id: 'me', name: 'Me', connectionStatus: 'connected' });
    join('me');
    client.tell('status', { state: 'waiting' });
    join('other');
    expect(said).toEqual([
      'You joined Ours',
      'You lost the connection; your place is kept',
      'You are back, at your old place',
      'You lost the connection; your place is kept',
      'You are back, at a new place: the old one was given up',
    ]);
  });

  test('before the first join nothing is lost, and who stopped listening hears nothing', () => {
    client.tell('status', { state: 'waiting' });
    stop();
    expect([said, client.listening]).toEqual([[], 0]);
  });
});

describe('words', () => {
  const refused = (wireCode: string, details = {}): ParleyError =>
    new ParleyError('refused', 'no', { wireCode, ...details });

  test.each([
    ['session_full', 'The party is full', true],
    ['session_not_found', 'There is no such party', false],
    ['version_mismatch', 'This page and the server do not understand each other', false],
    ['already_joined', 'You are in this party already', true],
    ['unauthorized', 'You may not join', true],
    ['kicked', 'The host has removed you', false],
    ['session_closed', 'The party is over', false],
    ['something_new', 'You are out of the party', true],
  ])('%s', (wireCode, title, again) => {
    expect(endingOf(refused(wireCode), undefined)).toMatchObject({ title, again });
  });

  test('say how many places there are, and the reason of the host', () => {
    expect(endingOf(refused('session_full', { maxMembers: 2 }), undefined).text).toContain('All 2 places');
    expect(endingOf(refused('kicked'), 'too loud').text).toBe('Reason: too loud');
    expect(endingOf(refused('session_closed'), undefined).text).toBe('No reason was given.');
  });

  test('of REST that there is none', () => {
    expect(isGone(new ParleyError('not_found', 'no', { wireCode: 404 }))).toBe(true);
    expect(isGone(new ParleyError('unavailable', 'no', { wireCode: 503 }))).toBe(false);
  });

  test('on the way back name how long the place is kept, on the way in only what is in the way', () => {
    const waiting = (error: ParleyError) => ({ state: 'waiting' as const, attempt: 1, retryInMs: 1, error });
    const broken = waiting(new ParleyError('unavailable', 'gone'));
    expect(waitingText(broken, false, false)).toBeUndefined();
    expect(waitingText(broken, true, false)).toContain('15 seconds');
    expect(waitingText(broken, true, true)).toContain('30 seconds');
    expect(waitingText(waiting(refused('already_joined')), false, false)).toContain('earlier connection');
    expect(waitingText({ state: 'ready' }, true, false)).toBeUndefined();
  });
});

test('a window remembers its device, its seat and what makes it the host, for each user', () => {
  const kept = new Map<string, string>();
  const shelf = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const [ann, again, ben] = ['ann', 'ann', 'ben'].map((user) => new PartyPlaces(user, shelf));
  expect(again?.deviceId).toBe(ann?.deviceId);
  expect(ben?.deviceId).not.toBe(ann?.deviceId);
  ann?.sit({ sessionId: 's', name: 'Ann' });
  ann?.keepHostToken('s', 'host_x');
  expect([again?.seat, again?.hostToken('s'), ben?.seat, ben?.hostToken('s')]).toEqual([
    { sessionId: 's', name: 'Ann' },
    'host_x',
    undefined,
    undefined,
  ]);
  again?.stand();
  expect(ann?.seat).toBeUndefined();
});
