// @ts-check
import { describe, expect, it } from 'vitest';
import { countsOf } from './vitest.mjs';

/** @param {string} status @param {...string} tests */
const file = (status, ...tests) => ({ status, assertionResults: tests.map((each) => ({ status: each })) });

describe('the count of a run', () => {
  it('is what the tests did', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [file('passed', 'passed'), file('failed', 'passed', 'failed')],
    };
    expect(countsOf(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('counts a file that does not load, an error outside of tests, and a run without a report', () => {
    expect(countsOf({ numPassedTests: 2, testResults: [file('failed')] }, 1)).toMatchObject({ passed: 2, failed: 1 });
    expect(countsOf({ numPassedTests: 2, testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ failed: 1 });
    expect(countsOf(undefined, null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('is clean when all is well', () => {
    expect(countsOf({ numPassedTests: 2, testResults: [file('passed', 'passed')] }, 0)).toEqual({
      passed: 2,
      failed: 0,
      skipped: 0,
    });
  });
});
