import type { IncomingMessage } from 'node:http';
import { headers, isLabError, type LabError } from '@hilltop/contracts';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { randomText } from '../ids.js';
import type { HostPolicy } from './host-policy.js';
import { sendProblem } from './problem.filter.js';

/** Time to send a whole request that is not an upload; slower ones hold sockets. */
const bodyTimeoutMs = 20_000;

const mutating = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Upload bodies are taken raw, as long as they need. */
export const isUploadBody = (request: IncomingMessage): boolean =>
  request.method === 'PATCH' && /^\/api\/v1\/uploads\/[^/]+$/.test((request.url ?? '').split('?')[0]!);

/** What every request passes before a route sees it, in this order. */
export function httpPolicy(hosts: HostPolicy, bodyWithinMs = bodyTimeoutMs): RequestHandler[] {
  return [
    (request, response, next) => {
      const given = request.get(headers.requestId);
      response.setHeader(headers.requestId, given && /^[\w-]{1,64}$/.test(given) ? given : randomText(16));
      next();
    },
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'self'"],
          'connect-src': ["'self'", 'ws:', 'wss:'],
          'img-src': ["'self'", 'data:', 'blob:'],
          'object-src': ["'none'"],
          'base-uri': ["'none'"],
          'frame-ancestors': ["'none'"],
          // Charts set styles in place.
          'style-src': ["'self'", "'unsafe-inline'"],
        },
      },
      // The lab speaks plain HTTP; a TLS proxy in front of it sets this.
      strictTransportSecurity: false,
    }),
    guarded((request) => {
      hosts.checkHost(request.headers.host);
      if (mutating.has(request.method)) hosts.checkOrigin(request.headers.origin, request.headers.host);
    }),
    (request, _response, next) => {
      if (!isUploadBody(request)) limitBodyTime(request, bodyWithinMs);
      next();
    },
    skipUploads(express.json({ limit: '1mb', strict: false })),
  ];
}

/** Cuts off who has not sent the whole request in time; the answer may take as long as it needs. */
function limitBodyTime(request: Request, withinMs: number): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, withinMs);
  timer.unref();
  for (const event of ['end', 'close']) request.once(event, () => clearTimeout(timer));
}

function skipUploads(parser: RequestHandler): RequestHandler {
  return (request, response, next) => (isUploadBody(request) ? next() : parser(request, response, next));
}

/** A check that throws a LabError, as middleware. */
function guarded(check: (request: Request) => void): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const refusal = refusalOf(() => check(request));
    if (refusal) sendProblem(response, refusal);
    else next();
  };
}

/** What `check` throws, if it is a LabError. */
export function refusalOf(check: () => void): LabError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (isLabError(error)) return error;
    throw error;
  }
}
