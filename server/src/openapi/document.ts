import 'reflect-metadata';
import { Problem } from '@hilltop/contracts';
import type { Type } from '@nestjs/common';
import type * as z from 'zod';
import { answerKey } from '../access/answer.decorator.js';
import { controllersOf, type DeclaredRoute, routesOf } from '../access/routes.js';
import { ZodPipe } from '../access/zod.pipe.js';
import { version } from '../version.js';
import { Components, type Json } from './components.js';

// Nest keeps the arguments of a handler under this key of its class, as `<kind>:<index>`.
const argumentsKey = '__routeArguments__';
const kinds: Readonly<Record<string, 'body' | 'query' | 'path'>> = { 3: 'body', 4: 'query', 5: 'path' };

interface Argument {
  readonly in: 'body' | 'query' | 'path';
  readonly name: string | undefined;
  readonly schema: z.ZodType;
}

function argumentsOf(route: DeclaredRoute): Argument[] {
  const method = route.name.split('.')[1]!;
  const stored: Record<string, { data?: unknown; pipes?: unknown[] }> =
    Reflect.getMetadata(argumentsKey, route.controller, method) ?? {};
  return Object.entries(stored).flatMap(([key, { data, pipes = [] }]) => {
    const kind = kinds[key.split(':')[0]!];
    const pipe = pipes.find((candidate) => candidate instanceof ZodPipe);
    return kind && pipe ? [{ in: kind, name: typeof data === 'string' ? data : undefined, schema: pipe.schema }] : [];
  });
}

function parametersOf(arguments_: readonly Argument[], components: Components): Json[] {
  return arguments_.flatMap((argument) => {
    if (argument.in === 'body') return [];
    if (argument.name !== undefined) {
      return [
        {
          name: argument.name,
          in: argument.in,
          required: argument.in === 'path',
          schema: components.schemaOf(argument.schema, 'input'),
        },
      ];
    }
    const object = components.inline(argument.schema, 'input');
    const required = Array.isArray(object.required) ? object.required : [];
    return Object.entries((object.properties ?? {}) as Json).map(([name, schema]) => ({
      name,
      in: argument.in,
      required: argument.in === 'path' || required.includes(name),
      schema,
    }));
  });
}

function operationOf(route: DeclaredRoute, components: Components): Json {
  const arguments_ = argumentsOf(route);
  const answer: { schema: z.ZodType; summary?: string } | undefined = Reflect.getMetadata(answerKey, route.handler);
  const status: unknown = Reflect.getMetadata('__httpCode__', route.handler) ?? (route.method === 'POST' ? 201 : 200);
  const body = arguments_.find((argument) => argument.in === 'body');
  const parameters = parametersOf(arguments_, components);
  return {
    operationId: route.name.replace('Controller.', '.'),
    ...(answer?.summary && { summary: answer.summary }),
    'x-access': route.access,
    security: route.access === 'public' ? [] : [{ bearer: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: components.schemaOf(body.schema, 'input') } },
      },
    }),
    responses: {
      [String(status)]: {
        description: answer?.summary ?? 'Done',
        ...(answer && { content: { 'application/json': { schema: components.schemaOf(answer.schema, 'output') } } }),
      },
      default: {
        description: 'What went wrong',
        content: { 'application/problem+json': { schema: components.schemaOf(Problem, 'output') } },
      },
    },
  };
}

/** OpenAPI 3.1 of every route of a module, from the decorators and the contract's schemas; nothing is started. */
export function openApiOf(module: Type): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  const routes = controllersOf(module)
    .flatMap(routesOf)
    .filter((route) => route.method !== 'EVENT');
  for (const route of routes.sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1))) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Hilltop', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: components.used,
    },
  };
}
