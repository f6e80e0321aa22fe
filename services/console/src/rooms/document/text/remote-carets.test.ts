import type { Selection } from '@parley/client';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from './caret-segments.js';
import { RemoteCarets } from './remote-carets.js';
import type { TextStep } from './text-operation.js';

function at(version: number, anchor: number, head = anchor): readonly unknown[] {
  return [{ from: anchor, to: head, version }];
}

function of(ranges: Readonly<Record<string, readonly unknown[]>>): ReadonlyMap<string, Selection> {
  return new Map(Object.entries(ranges).map(([userId, list]) => [userId, { userId, ranges: list, color: undefined }]));
}

function remote(...operation: TextStep['operation']): TextStep {
  return { operation, origin: 'remote' };
}

function local(...operation: TextStep['operation']): TextStep {
  return { operation, origin: 'local' };
}

describe('the carets of others', () => {
  test('stand behind what others type at them, and before what is typed here', () => {
    const carets = new RemoteCarets(1, 0);
    carets.selected(of({ ann: at(1, 3) }));
    carets.changed([remote(3, 'xy')], 2, 0);
    expect(carets.all.get('ann')).toEqual({ anchor: 5, head: 5 });
    carets.changed([local(5, 'z')], 2, 1);
    expect(carets.all.get('ann')).toEqual({ anchor: 5, head: 5 });
    carets.changed([local('Z')], 2, 1);
    expect(carets.all.get('ann')).toEqual({ anchor: 6, head: 6 });
  });

  test('of a version that is not here yet wait for it', () => {
    const carets = new RemoteCarets(1, 0);
    carets.selected(of({ ann: at(2, 4) }));
    expect(carets.all.size).toBe(0);
    carets.changed([remote(3, 'x')], 2, 0);
    expect(carets.all.get('ann')).toEqual({ anchor: 4, head: 4 });
  });

  test('of an older version are brought up to this one, with what only this side knows', () => {
    const carets = new RemoteCarets(1, 0);
    carets.changed([remote('abc')], 2, 0);
    carets.changed([local('d')], 2, 1);
    carets.selected(of({ ann: at(1, 1, 2), ben: at(2, 1) }));
    expect([carets.all.get('ann'), carets.all.get('ben')]).toEqual([
      { anchor: 5, head: 6 },
      { anchor: 2, head: 2 },
    ]);
  });

  test('of a version that was never here as it is wait until nothing is on its way', () => {
    const carets = new RemoteCarets(1, 0);
    // Offline: own letters at the end; back: what others did meanwhile at the beginning.
    carets.changed([local(6, ' from me')], 1, 1);
    carets.changed([remote('others ')], 2, 1);
    carets.selected(of({ ann: at(2, 7) }));
    expect(carets.all.size).toBe(0);
    carets.changed([], 3, 0);
    expect(carets.all.get('ann')).toEqual({ anchor: 7, head: 7 });
  });

  test('are found for a long time, and not for ever', () => {
    const carets = new RemoteCarets(1, 0);
    for (let version = 2; version <= 600; version += 1) carets.changed([remote('x')], version, 0);
    carets.selected(of({ ann: at(590, 3) }));
    expect(carets.all.get('ann')).toEqual({ anchor: 13, head: 13 });
    // Too old to be told exactly, it is somewhere all the same.
    carets.selected(of({ ann: at(2, 3) }));
    expect(carets.all.get('ann')?.head).toBe(503);
  });

  test('go with their users, and what is no range is passed over', () => {
    const carets = new RemoteCarets(1, 0);
    const ann = of({
      ann: at(1, 1),
      ben: [{ from: -1, to: 0, version: 1 }],
      cat: [{ card: 'x' }],
      dan: [null],
      eve: [{ anchor: 2, head: 0 }],
    });
    carets.selected(ann);
    expect([...carets.all.keys()]).toEqual(['ann', 'eve']);
    carets.selected(new Map());
    expect(carets.all.size).toBe(0);
  });
});

describe('segments', () => {
  const mark = (userId: string, anchor: number, head: number) => ({
    userId,
    name: userId,
    color: '#123456',
    anchor,
    head,
  });

  function drawn(text: string, ...marks: ReturnType<typeof mark>[]): string[] {
    return segmentsOf(text, marks).map(({ text: piece, carets, selected }) => {
      const names = (list: readonly { readonly userId: string }[]) => list.map(({ userId }) => userId).join(',');
      return `${names(carets)}|${piece}|${names(selected)}`;
    });
  }

  test('are cut where somebody is', () => {
    expect(drawn('hello', mark('a', 2, 2))).toEqual(['|he|', 'a|llo|', '||']);
    expect(drawn('hello', mark('a', 1, 4), mark('b', 3, 2))).toEqual(['|h|', '|e|a', 'b|l|a,b', '|l|a', 'a|o|', '||']);
    expect(drawn('', mark('a', 0, 0))).toEqual(['a||']);
  });

  test('beyond the end are at the end, and pairs stay whole', () => {
    expect(drawn('a😀', mark('a', 2, 9))).toEqual(['|a😀|', 'a||']);
    expect(drawn('a😀b', mark('a', 2, 2))).toEqual(['|a😀|', 'a|b|', '||']);
  });
});
