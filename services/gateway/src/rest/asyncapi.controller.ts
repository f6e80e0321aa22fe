import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { Type } from '@sinclair/typebox';
import { Operation } from './operation.js';
import { RestError } from './rest-error.js';

export const ASYNCAPI = Symbol('asyncapi');

/** The description of each wire protocol, by the dialect's name; made from the schemas that it validates with. */
@Controller('asyncapi')
export class AsyncApiController {
  constructor(@Inject(ASYNCAPI) private readonly descriptions: ReadonlyMap<string, object>) {}

  @Get(':dialect.json')
  @Header('Cache-Control', 'public, max-age=60')
  @Operation({
    summary: 'AsyncAPI 3.0 of a dialect, such as `/asyncapi/chat.json`.',
    caller: 'anyone',
    status: 200,
    reply: Type.Object({}),
    errors: ['not_found'],
  })
  describe(@Param('dialect') dialect: string): object {
    const description = this.descriptions.get(dialect);
    if (description === undefined) throw new RestError({ code: 'not_found', message: 'No such dialect' });
    return description;
  }
}
