import type { INestApplication } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { LOG, type Log } from '../log.js';
import { MetricsService } from './metrics.service.js';

/** Times each request under the pattern of its route, so that ids do not become labels. */
export function observeRequests(app: INestApplication): RequestHandler {
  const { requests } = app.get(MetricsService);
  const log = app.get<Log>(LOG);
  return (request: Request, response: Response, next: NextFunction) => {
    const started = performance.now();
    response.once('finish', () => {
      const ms = performance.now() - started;
      const pattern: unknown = request.route?.path;
      const route = typeof pattern === 'string' ? pattern : 'none';
      requests.observe({ route, method: request.method, status: String(response.statusCode) }, ms / 1000);
      log.debug(
        {
          requestId: response.getHeader('x-request-id'),
          method: request.method,
          path: request.path,
          status: response.statusCode,
          ms: Math.round(ms),
        },
        'request',
      );
    });
    next();
  };
}
