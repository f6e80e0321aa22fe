import { describe, expect, it } from 'vitest';
import { main } from './cli.js';
import { suites } from './dialects.js';
import { dialectNames, flagNames, parseFlags, usage } from './flags.js';
import { defaultLimits, profiles } from './settings.js';

const URL = 'ws://127.0.0.1:8081/ws';

describe('flags', () => {
  it('reads what they say, and takes defaults for the rest', () => {
    const flags = parseFlags(['--url', URL, '--token', 'a', '--token', 'b', '--queue', '7', '--rules', 'HS,UP19']);
    expect(flags).toEqual({
      dialect: 'topics',
      json: undefined,
      junit: undefined,
      rules: ['HS', 'UP19'],
      settings: {
        url: URL,
        tokens: ['a', 'b'],
        profiles: [],
        longestWaitSeconds: 45,
        limits: { ...defaultLimits, queue: 7 },
      },
    });
  });

  it.each([
    [[], '--url is missing'],
    [['--url', 'http://here'], '--url is a URL that begins with ws:// or wss://, not http://here'],
    [['--url', URL, '--queue', 'many'], '--queue is a whole number, not many'],
    [['--url', URL, '--dialect', 'morse'], '--dialect is one of topics, chat, collab, party, watch, not morse'],
    [['--url', URL, '--unheard'], '--unheard'],
  ])('%j: exit code 2 and a clear line', async (args, line) => {
    const said: string[] = [];
    expect(await main(args, (text) => said.push(text))).toBe(2);
    expect(said.join('\n')).toContain(line);
  });

  it('--help: exit code 0', async () => {
    const said: string[] = [];
    expect(await main(['--help'], (text) => said.push(text))).toBe(0);
    expect(said.join('\n')).toContain('--second-url');
  });
});

it('knows every dialect, and its help every flag and profile', () => {
  expect(dialectNames).toEqual(suites.map(({ dialect }) => dialect));
  for (const flag of flagNames) expect(usage).toContain(`--${flag}`);
  for (const one of [...dialectNames, ...profiles]) expect(usage).toContain(one);
});
