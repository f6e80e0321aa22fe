import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Type } from '@sinclair/typebox';
import type { Response } from 'express';
import { Operation } from './operation.js';

export const READINESS = Symbol('readiness');

/** Why the whole path does not work right now; empty when it does. */
export type Readiness = () => readonly string[];

const ReadyBody = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });

@Controller()
export class ReadinessController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('readyz')
  @Operation({
    summary: 'Whether the whole path works; 503 when not.',
    caller: 'anyone',
    status: 200,
    reply: ReadyBody,
  })
  readyz(@Res() response: Response): void {
    const reasons = this.readiness();
    const ready = reasons.length === 0;
    response.status(ready ? 200 : 503).json({ ready, reasons });
  }
}
