import { isLabError, LabError, problemOf } from '@hilltop/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { QueryFailedError } from 'typeorm';
import { LOG, type Log } from '../log.js';

/** What the framework and the body parser throw, as errors of the lab. */
function fromFramework(status: number): LabError | undefined {
  if (status === 404)
    return new LabError('request.not-found', 'there is nothing at this address; see /api/openapi.json');
  if (status === 413)
    return new LabError('request.too-large', 'the request is too large; large files go through /api/v1/uploads');
  if (status === 429)
    return new LabError('request.rate-limited', 'too many requests; wait as long as Retry-After says');
  if (status === 403) return new LabError('auth.forbidden', 'not allowed');
  if (status >= 400 && status < 500) return new LabError('request.invalid', 'the request cannot be understood');
  return undefined;
}

/** Any thrown thing -> the LabError that is told outside. Nothing internal leaks; the log has it. */
export function toLabError(error: unknown): LabError {
  if (isLabError(error)) return error;
  // TypeORM wraps what the driver throws; a NUL can only have come with the request.
  if (
    error instanceof QueryFailedError &&
    isLabError(error.driverError, 'database.bad-parameter') &&
    error.driverError.details.nul
  ) {
    return new LabError('request.invalid', error.driverError.message);
  }
  if (error instanceof HttpException) return fromFramework(error.getStatus()) ?? internal(error);
  // body-parser and Express throw http-errors: a status, and a message made from the input.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    return fromFramework(error.status) ?? internal(error);
  }
  return internal(error);
}

function internal(cause: unknown): LabError {
  return new LabError('lab.internal', 'the lab failed; its log says why', {}, { cause });
}

/** Answers every failure as problem details (RFC 9457). */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const lab = toLabError(error);
    if (host.getType() !== 'http') {
      this.log.warn({ code: lab.code, err: error }, 'a socket event failed');
      return;
    }
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (lab.status >= 500)
      this.log.error({ code: lab.code, method: request.method, path: request.path, err: error }, 'request failed');
    sendProblem(response, lab);
  }
}

/** Writes the problem, unless the answer has begun already: then the connection is cut, so that no one takes it for whole. */
export function sendProblem(response: Response, error: LabError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (error.status === 503 && !response.hasHeader('Retry-After')) response.setHeader('Retry-After', '2');
  response
    .status(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error)));
}
