import { describe, expect, it } from 'vitest';
import type { ClientDocument } from './client-document.js';
import type { OperationalType } from './document-type.js';
import { json } from './json.js';
import { openClientDocument } from './replica.js';
import { text } from './text.js';

function open<C, O>(type: OperationalType<C, O>, content: unknown): ClientDocument {
  const opened = openClientDocument(type, { content, version: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

const typing = (content = 'abc'): ClientDocument => open(text, content);
const from = (version: number, operation: unknown, id = 'other'): Parameters<ClientDocument['receive']>[0] => ({
  id,
  version,
  operation,
});

describe('own operations', () => {
  it('are seen at once, sent one at a time, and joined while they wait', () => {
    const document = typing();
    expect(document.edit(['1'], 'a')).toEqual({ ok: true, value: { id: 'a' } });
    expect(document.takeOutgoing()).toEqual({ id: 'a', baseVersion: 1, operation: ['1'] });
    expect(document.edit([1, '2'], 'b')).toEqual({ ok: true, value: { id: 'b' } });
    expect(document.edit([2, '3'], 'c')).toEqual({ ok: true, value: { id: 'b' } });
    expect([document.content, document.pending, document.inFlight]).toEqual(['123abc', 2, 'a']);
    expect(document.takeOutgoing()).toBeUndefined();
    expect(document.acknowledge('a', 2)).toMatchObject({ need: 'nothing', confirmed: 'a' });
    expect(document.takeOutgoing()).toEqual({ id: 'b', baseVersion: 2, operation: [1, '23'] });
    expect(document.confirmedState()).toEqual({ content: '1abc', version: 2 });
  });

  it('do not join beyond what the server would take', () => {
    const document = typing('');
    document.edit(['x'.repeat(16_000)], 'a');
    expect(document.edit(['y'.repeat(1_000)], 'b')).toEqual({ ok: true, value: { id: 'b' } });
    expect(document.pending).toBe(2);
  });

  it('are refused when they do not fit, and leave everything as it was', () => {
    const document = typing();
    expect(document.edit([9, 'x'], 'a')).toMatchObject({ ok: false });
    expect(document.edit('x', 'a')).toMatchObject({ ok: false });
    expect([document.content, document.pending, document.canUndo]).toEqual(['abc', 0, false]);
  });

  it('give way to what came first on the server', () => {
    const document = typing();
    document.edit(['mine'], 'a');
    document.takeOutgoing();
    expect(document.receive(from(2, ['theirs']))).toMatchObject({ changes: [['theirs']] });
    expect(document.content).toBe('theirsmineabc');
    expect(document.resend()).toEqual({ id: 'a', baseVersion: 2, operation: [6, 'mine'] });
  });
});

describe('after a lost connection', () => {
  it('knows its own operation among those it missed', () => {
    const document = typing();
    document.edit(['1'], 'a');
    document.takeOutgoing();
    document.edit([1, '2'], 'b');
    document.receive(from(2, ['0']));
    expect(document.receive(from(3, [1, '1'], 'a'))).toMatchObject({ confirmed: 'a', changes: [] });
    expect(document.resend()).toBeUndefined();
    expect(document.takeOutgoing()).toEqual({ id: 'b', baseVersion: 3, operation: [2, '2'] });
    expect(document.acknowledge('a', 3)).toMatchObject({ need: 'nothing', confirmed: undefined });
  });

  it('asks for what is missing before it goes on', () => {
    const document = typing();
    expect(document.receive(from(3, ['x']))).toMatchObject({ need: 'resume' });
    document.edit(['1'], 'a');
    document.takeOutgoing();
    expect(document.acknowledge('a', 5)).toMatchObject({ need: 'resume' });
    expect(document.acknowledge('unknown', 5)).toMatchObject({ need: 'resume' });
    expect(document.receive(from(1, ['x']))).toMatchObject({ need: 'nothing', changes: [] });
    expect(document.content).toBe('1abc');
  });

  it('asks for everything when what comes does not fit', () => {
    const document = typing();
    expect(document.receive(from(2, [9, 'x']))).toMatchObject({ need: 'reload' });
    expect(document.receive(from(2, 'x'))).toMatchObject({ need: 'reload' });
    document.edit(['1'], 'a');
    document.takeOutgoing();
    expect(document.receive(from(2, ['2'], 'a'))).toMatchObject({ need: 'reload' });
    expect([document.content, document.version]).toEqual(['1abc', 1]);
  });

  it('fits what is pending to a whole new state', () => {
    const document = typing('one two');
    document.edit([3, '!'], 'a');
    document.takeOutgoing();
    const update = document.reload({ content: 'zero one two', version: 9 });
    expect(update).toMatchObject({ need: 'nothing', changes: [['zero ']], rejected: [] });
    expect(document.content).toBe('zero one! two');
    expect(document.resend()).toEqual({ id: 'a', baseVersion: 9, operation: [8, '!'] });
  });

  it('takes out again what turns out to be in the new state already', () => {
    const document = typing('abc');
    document.edit(['1'], 'a');
    document.takeOutgoing();
    document.reload({ content: '1abc', version: 2 });
    expect(document.content).toBe('11abc');
    expect(document.acknowledge('a', 2)).toMatchObject({ confirmed: 'a', changes: [[1, { d: 1 }]] });
    expect([document.content, document.pending]).toEqual(['1abc', 0]);
  });

  it('hands back what cannot be fitted', () => {
    const stubborn = {
      ...text,
      transform: () => {
        throw new Error('no way');
      },
    };
    const document = open(stubborn, 'abc');
    document.edit(['1'], 'a');
    document.takeOutgoing();
    document.edit([1, '2'], 'b');
    expect(document.receive(from(2, ['x']))).toMatchObject({ need: 'reload', rejected: [] });
    expect(document.content).toBe('12abc');
    expect(document.reload({ content: 'xabc', version: 2 })).toMatchObject({
      need: 'nothing',
      rejected: [{ id: 'a' }, { id: 'b' }],
    });
    expect([document.content, document.pending, document.version]).toEqual(['xabc', 0, 2]);
  });

  it('does not take a state that is none', () => {
    const document = typing();
    expect(document.reload({ content: 5, version: 2 })).toMatchObject({ need: 'reload' });
    expect(openClientDocument(text, { content: 5, version: 1 })).toMatchObject({ ok: false });
  });
});

describe('a rejected operation', () => {
  it('goes, and what came after it stays', () => {
    const document = typing();
    document.edit(['bad'], 'a');
    document.takeOutgoing();
    document.edit([6, 'good'], 'b');
    expect(document.reject('a')).toEqual({
      need: 'nothing',
      changes: [[{ d: 3 }]],
      confirmed: undefined,
      rejected: [{ id: 'a', operation: ['bad'] }],
    });
    expect(document.content).toBe('abcgood');
    expect(document.takeOutgoing()).toEqual({ id: 'b', baseVersion: 1, operation: [3, 'good'] });
    expect(document.reject('a')).toMatchObject({ rejected: [] });
  });

  it('takes with it what cannot do without it', () => {
    const document = open(json, {});
    document.edit(['a', { i: {} }], 'a');
    document.takeOutgoing();
    document.edit(['a', 'b', { i: 1 }], 'b');
    document.reject('a');
    expect(document.content).toEqual({});
  });
});

describe('undo', () => {
  it("undoes the user's own changes, newest first, and not those of others", () => {
    const document = typing('abc');
    document.edit(['1'], 'a');
    document.edit([4, '2'], 'b');
    document.receive(from(2, [1, 'theirs']));
    expect(document.content).toBe('1atheirsbc2');
    expect(document.undo('c')).toEqual({ id: 'a', change: [10, { d: 1 }] });
    expect(document.undo('d')).toMatchObject({ change: [{ d: 1 }] });
    expect([document.content, document.undo('e'), document.canUndo]).toEqual(['atheirsbc', undefined, false]);
    expect(document.redo('f')).toMatchObject({ change: ['1'] });
    expect(document.redo('g')).toMatchObject({ change: [10, '2'] });
    expect([document.content, document.redo('h'), document.canRedo]).toEqual(['1atheirsbc2', undefined, false]);
  });

  it('brings back what the user deleted, where others have written since', () => {
    const document = typing('hello world');
    document.edit([5, { d: 6 }], 'a');
    document.receive(from(2, ['> ']));
    document.undo('b');
    expect(document.content).toBe('> hello world');
  });

  it('is a step of several changes when they belong together', () => {
    const document = typing('');
    document.edit(['w'], 'a');
    document.edit([1, 'o'], 'b', 'merge');
    document.edit([2, 'w'], 'c', 'merge');
    document.edit(['not mine to undo '], 'd', 'none');
    document.undo('e');
    expect(document.content).toBe('not mine to undo ');
  });

  it('skips what others have undone already', () => {
    const document = typing('abc');
    document.edit(['1'], 'a');
    document.takeOutgoing();
    document.acknowledge('a', 2);
    document.receive(from(3, [{ d: 1 }]));
    expect([document.canUndo, document.undo('b')]).toEqual([false, undefined]);
  });

  it('forgets what can be redone once something else is written', () => {
    const document = typing('');
    document.edit(['x'], 'a');
    document.undo('b');
    document.edit(['y'], 'c');
    expect(document.canRedo).toBe(false);
  });

  it('remembers only so many steps', () => {
    const opened = openClientDocument(text, { content: '', version: 1 }, { maxUndoSteps: 2 });
    if (!opened.ok) throw new Error(opened.error.message);
    for (const id of ['a', 'b', 'c']) opened.value.edit(['x'], id);
    for (const id of ['d', 'e', 'f']) opened.value.undo(id);
    expect(opened.value.content).toBe('x');
  });
});
