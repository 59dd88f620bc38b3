import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AppModule } from '../app.module.js';
import { openApiOf } from './document.js';

describe('OpenAPI', () => {
  it('[HTTP-8] the committed document is that of the routes; `node server/dist/openapi.js > contracts/docs/openapi.json` renews it', () => {
    const committed: unknown = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../contracts/docs/openapi.json'), 'utf8'),
    );
    expect(JSON.parse(JSON.stringify(openApiOf(AppModule)))).toEqual(committed);
  });

  it('[HTTP-8] says of each route what it takes, what it answers and what it demands', () => {
    const document = openApiOf(AppModule) as { paths: Record<string, Record<string, unknown>> };
    expect(document.paths['/api/v1/tokens']?.post).toEqual({
      operationId: 'Token.create',
      summary: expect.any(String),
      'x-access': 'operator',
      security: [{ bearer: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/TokenCreateInput' } } },
      },
      responses: {
        201: {
          description: expect.any(String),
          content: { 'application/json': { schema: { $ref: '#/components/schemas/TokenCreated' } } },
        },
        default: {
          description: expect.any(String),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    });
    expect(document.paths['/api/v1/users/{id}']?.get).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/Id' } }],
    });
  });
});
