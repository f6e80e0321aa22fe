import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { errorCodes, type AppError, type ErrorCode } from '@parley/contracts';
import type { Logger } from '@parley/telemetry';
import type { Response } from 'express';
import { RestError } from './rest-error.js';

/** `{"error", "code", "field"?}` for everything that goes wrong; what is not known is logged and shown as internal. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const error = this.known(thrown);
    const { status } = errorCodes[error.code];
    if (error.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1_000));
    response.status(status).json({
      error: error.message,
      code: error.code,
      ...(error.field === undefined || error.field === '' ? {} : { field: error.field }),
    });
  }

  private known(thrown: unknown): AppError {
    if (thrown instanceof RestError) {
      return thrown.error.code === 'internal' ? { code: 'internal', message: 'internal error' } : thrown.error;
    }
    // Nest's own: unknown routes, bodies that are no JSON or too large.
    const status = statusOf(thrown);
    const code = status === undefined ? undefined : codeOf(status);
    if (code !== undefined) return { code, message: messages[code] ?? 'bad request' };
    this.logger.error({ err: thrown }, 'request failed');
    return { code: 'internal', message: 'internal error' };
  }
}

const messages: Partial<Record<ErrorCode, string>> = {
  invalid: 'the body is not valid JSON',
  not_found: 'not found',
  too_large: 'the body is too large',
};

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return undefined;
  return typeof thrown.status === 'number' ? thrown.status : undefined;
}

function codeOf(status: number): ErrorCode | undefined {
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  return status >= 400 && status < 500 ? 'invalid' : undefined;
}
