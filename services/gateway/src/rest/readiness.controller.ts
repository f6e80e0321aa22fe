import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';

export const READINESS = Symbol('readiness');

/** Why the whole path does not work right now; undefined when it does. */
export type Readiness = () => string | undefined;

@Controller()
export class ReadinessController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('readyz')
  readyz(@Res() response: Response): void {
    const reason = this.readiness();
    response
      .status(reason === undefined ? 200 : 503)
      .json(reason === undefined ? { ready: true } : { ready: false, reason });
  }
}
