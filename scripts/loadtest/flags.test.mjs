// @ts-check
import { describe, expect, test } from 'vitest';
import { parseFlags } from './flags.mjs';
import { countsPer, curveOf } from './report.mjs';

describe('the command line of load tests', () => {
  test('a dialect asks the questions that it has, with the settings given', () => {
    const { questions, dialects, settings } = parseFlags(['chat', '--vus', '200', '--seconds=5']);
    expect(questions.map(({ name }) => name)).toEqual(['connect-storm', 'fan-out', 'reconnect-herd', 'mixed-day']);
    expect(dialects).toEqual(['chat']);
    expect(settings).toEqual({ VUS: 200, SECONDS: 5 });
  });

  test('a question alone, or one with a dialect', () => {
    expect(parseFlags(['fan-out']).questions.map(({ name }) => name)).toEqual(['fan-out']);
    const { questions, dialects } = parseFlags(['connect-storm', 'party']);
    expect([questions.length, dialects]).toEqual([1, ['party']]);
  });

  test('nothing of somebody else’s is killed', () => {
    const url = ['--url', 'http://127.0.0.1:8080/'];
    expect(parseFlags(url).questions.map(({ name }) => name)).not.toContain('reconnect-herd');
    expect(parseFlags(url).urls).toEqual(['http://127.0.0.1:8080']);
    expect(() => parseFlags(['reconnect-herd', ...url])).toThrow('without --url');
    expect(() => parseFlags(['scale', ...url])).toThrow('a cluster of its own');
  });

  test.each([
    [['storm'], 'no question or dialect storm'],
    [['--vus', 'many'], '--vus needs a number'],
    [['--vuss', '3'], 'unknown flag --vuss'],
    [['--url', 'here'], '--url needs a URL'],
  ])('%j is refused in one line', (args, why) => {
    expect(() => parseFlags(args)).toThrow(why);
  });
});

test('the curve of those who come back, per 100 ms', () => {
  const returns = [1_020, 1_090, 1_110, 1_350].map((backAt) => ({ backAt, lostAt: 1_000 }));
  expect(countsPer(100, 1_000, returns)).toEqual([2, 1, 0, 1]);
  const lines = curveOf({ name: 'a gateway is killed', at: 1_000 }, returns);
  expect(lines.slice(2)).toEqual(['      0 |   2   1   0   1   0   0   0   0   0   0']);
  expect(lines[0]).toBe(
    'a gateway is killed: 4 came back, at most 2 in any 100 ms; away p50 110 ms, p95 350 ms, max 350 ms',
  );
  expect(curveOf({ name: 'nothing', at: 0 }, [])).toEqual(['nothing: nobody lost a connection']);
});
