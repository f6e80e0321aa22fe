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
    // Too late for words; the client sees that it got only a part.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status } = errorCodes[error.code];
    // Whatever the answer's own header would have said.
    response.setHeader('Cache-Control', 'no-store');
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
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
    if (code !== undefined) return { code, message: messageOf(code, thrown) };
    this.logger.error({ err: thrown }, 'request failed');
    return { code: 'internal', message: 'internal error' };
  }
}

function messageOf(code: ErrorCode, thrown: unknown): string {
  if (code === 'not_found') return 'not found';
  if (code === 'too_large') return 'the body is too large';
  return thrown instanceof SyntaxError || isBadJson(thrown)
    ? 'the body is not valid JSON'
    : 'the request cannot be read';
}

/** Nest hands on what the body parser said, as its cause or its text. */
function isBadJson(thrown: unknown): boolean {
  return thrown instanceof HttpException && thrown.message.includes('JSON');
}

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
