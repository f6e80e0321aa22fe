import 'reflect-metadata';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ServiceContext } from './definition.js';
import { NestLogger } from './nest-logger.js';

/**
 * A Nest application without HTTP. It is closed after `Running.close`; Nest's own shutdown hooks stay off, since they
 * would end the process by a signal to itself, which as process 1 of a container does nothing.
 */
export async function startNest(
  context: Pick<ServiceContext<unknown>, 'logger' | 'onClose'>,
  module: DynamicModule | Type,
): Promise<INestApplicationContext> {
  const nest = await NestFactory.createApplicationContext(module, {
    logger: new NestLogger(context.logger),
    // Otherwise Nest ends the process by itself, past our one clear line.
    abortOnError: false,
  });
  context.onClose('close Nest', () => nest.close());
  return nest;
}
