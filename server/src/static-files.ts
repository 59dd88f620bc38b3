import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import express, { type Express } from 'express';
import { sendProblem } from './access/problem.filter.js';
import type { Config } from './config.js';

/** Paths the page never owns. */
const notThePage = /^\/(api|socket\.io|mqtt|metrics|healthz|readyz|agent\.tgz)(\/|$)/;

/** The dashboard at `/`, whose addresses all lead to its one page; and the package that agents install. */
export function serveFiles(app: Express, config: Config): void {
  app.get('/agent.tgz', (_request, response) => {
    if (!existsSync(config.agentPackage)) {
      sendProblem(
        response,
        new LabError(
          'request.not-found',
          'this lab has no agent package; build it with `npm run pack:agent` and ask again',
        ),
      );
      return;
    }
    response.attachment('agent.tgz').sendFile(config.agentPackage, { root: dirname('/'), dotfiles: 'allow' });
  });
  const page = join(config.dashboardDir, 'index.html');
  // Names of built files carry their hash; the page itself must always be fresh.
  app.use(
    '/assets',
    express.static(join(config.dashboardDir, 'assets'), {
      immutable: true,
      maxAge: '1y',
      fallthrough: false,
      index: false,
    }),
  );
  app.use(express.static(config.dashboardDir, { index: false, maxAge: 0 }));
  app.get('/{*path}', (request, response, next) => {
    if (notThePage.test(request.path) || !request.accepts('html')) return next();
    if (!existsSync(page)) {
      sendProblem(
        response,
        new LabError('request.not-found', 'the dashboard is not built; run `npm run build` and reload'),
      );
      return;
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(page, { root: dirname('/'), dotfiles: 'allow' });
  });
}
