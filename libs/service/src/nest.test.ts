import { Module } from '@nestjs/common';
import { createLogger } from '@parley/telemetry';
import { describe, expect, it } from 'vitest';
import { NestLogger } from './nest-logger.js';
import { startNest } from './nest.js';

@Module({})
class SampleModule {}

const lines: string[] = [];
const logger = createLogger('test', { level: 'debug', destination: { write: (line) => lines.push(line) } });

describe('startNest', () => {
  it('gives what the module provides, and closes it at the end', async () => {
    const closers: (() => Promise<void>)[] = [];
    const closed: string[] = [];
    const nest = await startNest(
      { logger, onClose: (_, close) => closers.push(close) },
      {
        module: SampleModule,
        providers: [
          { provide: 'base', useValue: 2 },
          { provide: 'double', useFactory: (base: number) => base * 2, inject: ['base'] },
          { provide: 'service', useValue: { onApplicationShutdown: () => closed.push('service') } },
        ],
      },
    );
    expect(nest.get('double')).toBe(4);
    for (const close of closers) await close();
    expect(closed).toEqual(['service']);
  });

  it('throws what goes wrong instead of ending the process', async () => {
    const module = { module: SampleModule, providers: [{ provide: 'a', useFactory: () => 1, inject: ['missing'] }] };
    await expect(startNest({ logger, onClose: () => undefined }, module)).rejects.toThrow(/missing/);
  });
});

describe('NestLogger', () => {
  it('keeps the context and the stack', () => {
    lines.length = 0;
    const nestLogger = new NestLogger(logger);
    nestLogger.log('started', 'InstanceLoader');
    nestLogger.error('failed', 'Error: failed\n    at x', 'ExceptionsHandler');
    nestLogger.error(new Error('thrown'));
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { level: 'debug', msg: 'started', part: 'InstanceLoader' },
      { level: 'error', msg: 'failed', part: 'ExceptionsHandler', stack: 'Error: failed\n    at x' },
      { level: 'error', msg: 'thrown', err: { message: 'thrown' } },
    ]);
  });
});
