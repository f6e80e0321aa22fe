import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { setHttpRoute } from '@parley/telemetry';
import type { Request } from 'express';
import type { Observable } from 'rxjs';

/** Names the route in spans and metrics: `/topics/:topic/messages`, not the path with its ids. */
export class HttpRouteInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route: unknown = context.switchToHttp().getRequest<Request>().route;
    if (typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string') {
      setHttpRoute(route.path);
    }
    return next.handle();
  }
}
