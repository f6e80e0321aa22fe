import { Controller, Get, Header, Inject } from '@nestjs/common';
import { Type } from '@sinclair/typebox';
import { Operation } from './operation.js';

export const OPENAPI = Symbol('openapi');

/** The description of this API, made from the schemas that it validates with. */
@Controller()
export class OpenApiController {
  constructor(@Inject(OPENAPI) private readonly description: object) {}

  @Get('openapi.json')
  @Header('Cache-Control', 'public, max-age=60')
  @Operation({ summary: 'This description.', caller: 'anyone', status: 200, reply: Type.Object({}) })
  describe(): object {
    return this.description;
  }
}
