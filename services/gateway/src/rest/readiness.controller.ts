import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';

export const READINESS = Symbol('readiness');

/** Why the whole path does not work right now; empty when it does. */
export type Readiness = () => readonly string[];

@Controller()
export class ReadinessController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('readyz')
  readyz(@Res() response: Response): void {
    const reasons = this.readiness();
    const ready = reasons.length === 0;
    response.status(ready ? 200 : 503).json({ ready, reasons });
  }
}
