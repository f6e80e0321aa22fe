import { beforeEach, describe, expect, it } from 'vitest';
import { runStages, type Stage } from './shutdown.js';

const ran: string[] = [];
const complaints: object[] = [];
const logger = {
  debug: () => undefined,
  error: (fields: object | string) => {
    if (typeof fields === 'object') complaints.push(fields);
  },
};

beforeEach(() => {
  ran.length = 0;
  complaints.length = 0;
});

function stage(name: string, work: () => Promise<unknown> = () => Promise.resolve()): Stage {
  return {
    name,
    run: () => {
      ran.push(name);
      return work();
    },
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('runStages', () => {
  it('runs one after the other', async () => {
    const slow = stage('a', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      ran.push('a ended');
    });
    expect(await runStages([slow, stage('b')], 1_000, logger)).toBe(true);
    expect(ran).toEqual(['a', 'a ended', 'b']);
  });

  it('goes on after one that rejects or throws', async () => {
    const rejecting = stage('a', () => Promise.reject(new Error('x')));
    const throwing = stage('b', () => {
      throw new Error('y');
    });
    expect(await runStages([rejecting, throwing, stage('c')], 1_000, logger)).toBe(false);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(complaints).toMatchObject([
      { stage: 'a', err: { message: 'x' } },
      { stage: 'b', err: { message: 'y' } },
    ]);
  });

  it('keeps time back for the stages after one that hangs', async () => {
    const startedAt = performance.now();
    let left = 0;
    const last: Stage = {
      name: 'last',
      run: (leftMs) => {
        left = leftMs;
        return Promise.resolve();
      },
    };
    expect(await runStages([stage('a', never), stage('b', never), last], 1_200, logger)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(left).toBeGreaterThan(0);
    expect(complaints.map((complaint) => 'stage' in complaint && complaint.stage)).toEqual(['a', 'b']);
  });
});
