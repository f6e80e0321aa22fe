import { expect, test } from 'vitest';
import { Emitter } from './emitter.js';

interface SomeEvents {
  word: readonly [word: string];
  pair: readonly [left: number, right: number];
}

test('handlers hear what they asked for until they stop listening', () => {
  const emitter = new Emitter<SomeEvents>();
  const heard: unknown[] = [];
  const stop = emitter.on('word', (word) => heard.push(word));
  const pair = (left: number, right: number): unknown => heard.push(left + right);
  emitter.on('pair', pair);
  emitter.emit('word', 'one');
  emitter.emit('pair', 1, 2);
  stop();
  emitter.off('pair', pair);
  emitter.emit('word', 'two');
  emitter.emit('pair', 3, 4);
  expect(heard).toEqual(['one', 3]);
});

test('unknown names, and handlers that do not fit, do not compile', () => {
  const emitter = new Emitter<SomeEvents>();
  // @ts-expect-error there is no such event
  emitter.on('wrod', () => undefined);
  // @ts-expect-error a word is no number
  emitter.on('word', (word: number) => word);
  expect(emitter).toBeDefined();
});

test('a handler that throws stops nobody else, and its error surfaces', async () => {
  const emitter = new Emitter<SomeEvents>();
  const heard: string[] = [];
  const surfaced = new Promise((resolve) => process.prependOnceListener('uncaughtException', resolve));
  const others = process.listeners('uncaughtException').slice(1);
  for (const listener of others) process.off('uncaughtException', listener);
  emitter.on('word', () => {
    throw new Error('of the handler');
  });
  emitter.on('word', (word) => heard.push(word));
  emitter.emit('word', 'still');
  expect(heard).toEqual(['still']);
  expect(await surfaced).toMatchObject({ message: 'of the handler' });
  for (const listener of others) process.on('uncaughtException', listener);
});
