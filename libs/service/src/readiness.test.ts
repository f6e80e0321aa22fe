import type { BusStatus } from '@parley/bus';
import type { AppError } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { DatabaseWatch } from './database-watch.js';
import { busCheck, Readiness } from './readiness.js';

describe('Readiness', () => {
  it('is off while starting and for good once stopping', () => {
    const readiness = new Readiness();
    expect(readiness.reasons()).toEqual(['starting']);
    readiness.started();
    expect(readiness.ready).toBe(true);
    readiness.stopping();
    readiness.started();
    expect(readiness.reasons()).toEqual(['shutting down']);
  });

  it('gives the reason of each check until it is taken away', async () => {
    const readiness = new Readiness();
    readiness.started();
    const full = readiness.add(() => 'full');
    readiness.add(() => undefined);
    expect(readiness.reasons()).toEqual(['full']);
    await full.stop();
    expect(readiness.ready).toBe(true);
  });

  it('sees a bus that is gone or has a fault', () => {
    let status: BusStatus = 'connected';
    let faults: readonly AppError[] = [];
    const check = busCheck({ status: () => status, faults: () => faults });
    expect(check()).toBeUndefined();
    faults = [{ code: 'forbidden', message: 'NATS refuses publishing to "x".' }];
    expect(check()).toBe('NATS refuses publishing to "x".');
    status = 'disconnected';
    expect(check()).toBe('the bus is disconnected');
  });
});

describe('DatabaseWatch', () => {
  it('follows the database, and says each change once', async () => {
    let reachable = false;
    let asked = 0;
    const said: string[] = [];
    const note = (fields: object | string): void => {
      if (typeof fields === 'string') said.push(fields);
    };
    const watch = new DatabaseWatch(
      {
        isReachable: () => {
          asked++;
          return Promise.resolve(reachable);
        },
      },
      { info: note, warn: note },
      1,
    );
    expect(watch.check()).toBeUndefined();
    watch.start();
    await waitFor(() => asked > 3);
    expect(watch.check()).toBe('the database cannot be reached');
    reachable = true;
    await waitFor(() => watch.check() === undefined);
    watch.stop();
    expect(said).toEqual(['the database cannot be reached', 'the database can be reached again']);
  });
});
