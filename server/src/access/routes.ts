import 'reflect-metadata';
import type { Access } from '@hilltop/contracts';
import { RequestMethod, type Type } from '@nestjs/common';
import { accessKey, guestsKey } from './access.decorator.js';

/** One route or socket event, as its decorators declare it. */
export interface DeclaredRoute {
  readonly controller: Type;
  readonly handler: (...args: never[]) => unknown;
  readonly name: string;
  /** `GET`; `EVENT` for a socket event. */
  readonly method: string;
  readonly path: string;
  readonly access: Access | undefined;
  readonly guests: 'welcome' | 'refused' | undefined;
}

// Keys of Nest's own decorators.
const pathKey = 'path';
const methodKey = 'method';
const messageKey = 'message';

/** Every route of a controller, or every event of a gateway, with what it declares. */
export function routesOf(controller: Type): DeclaredRoute[] {
  const bases: unknown = Reflect.getMetadata(pathKey, controller);
  const base = Array.isArray(bases) ? String(bases[0]) : String(bases ?? '');
  const routes: DeclaredRoute[] = [];
  for (const name of Object.getOwnPropertyNames(controller.prototype)) {
    const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value;
    if (typeof handler !== 'function' || name === 'constructor') continue;
    const message: unknown = Reflect.getMetadata(messageKey, handler);
    const path: unknown = Reflect.getMetadata(pathKey, handler);
    if (message === undefined && path === undefined) continue;
    const access: Access | undefined =
      Reflect.getMetadata(accessKey, handler) ?? Reflect.getMetadata(accessKey, controller);
    for (const one of message !== undefined ? [message] : Array.isArray(path) ? path : [path]) {
      routes.push({
        controller,
        handler: handler as DeclaredRoute['handler'],
        name: `${controller.name}.${name}`,
        method: message !== undefined ? 'EVENT' : RequestMethod[Number(Reflect.getMetadata(methodKey, handler))]!,
        path:
          message !== undefined
            ? String(one)
            : `/${[base, String(one)]
                .map((part) => part.replace(/^\/+|\/+$/g, ''))
                .filter(Boolean)
                .join('/')}`,
        access,
        guests: Reflect.getMetadata(guestsKey, handler) ?? Reflect.getMetadata(guestsKey, controller),
      });
    }
  }
  return routes;
}

/** Controllers and gateways of a module and of all it imports. */
export function controllersOf(module: Type, seen = new Set<unknown>()): Type[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const listed = (key: string): Type[] => {
    const value: unknown = Reflect.getMetadata(key, module);
    return Array.isArray(value) ? value.filter((entry): entry is Type => typeof entry === 'function') : [];
  };
  const own = [
    ...listed('controllers'),
    ...listed('providers').filter((provider) => Reflect.hasMetadata('websockets:is_gateway', provider)),
  ];
  return [...own, ...listed('imports').flatMap((imported) => controllersOf(imported, seen))];
}

/** Throws a plain Error that names every route without declared access: the lab does not start with one. */
export function requireDeclaredAccess(module: Type): void {
  const open = controllersOf(module)
    .flatMap(routesOf)
    .filter((route) => route.access === undefined);
  if (open.length > 0) throw new Error(`no @Access on ${open.map((route) => route.name).join(', ')}`);
}
