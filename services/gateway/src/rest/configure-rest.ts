import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from '@parley/telemetry';
import type { NextFunction, Request, Response } from 'express';
import { ErrorFilter } from './error.filter.js';
import { HttpRouteInterceptor } from './http-route.interceptor.js';

const BODY_LIMIT = '1mb';

/** How every resource takes its body, names itself in traces, and fails. The application needs `rawBody`. */
export function configureRest(app: NestExpressApplication, logger: Logger): void {
  // First, so that a body that cannot be read is answered with them too.
  app.use(apiHeaders);
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.disable('x-powered-by');
  // Answers are for who asked, at this moment; an ETag would hash them for nothing.
  app.disable('etag');
  app.useGlobalFilters(new ErrorFilter(logger));
  app.useGlobalInterceptors(new HttpRouteInterceptor());
}

/**
 * Of the headers that protect web pages, those that mean something for JSON. No CORS: browsers of other origins reach the
 * API through an ingress that says which.
 */
function apiHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
}
