import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AppModule } from '../app.module.js';
import { Access } from './access.decorator.js';
import { controllersOf, requireDeclaredAccess, routesOf } from './routes.js';

@Controller('things')
class Things {
  @Get(':id')
  @Access('viewer')
  get(): void {}

  @Post()
  create(): void {}
}

@WebSocketGateway()
class Events {
  @SubscribeMessage('watch')
  watch(): void {}
}

@Module({ controllers: [Things], providers: [Events] })
class Open {}

@Module({ imports: [Open] })
class Outer {}

describe('declared access', () => {
  it('[AUTH-9] every route and socket event of the lab declares what it demands', () => {
    expect(() => requireDeclaredAccess(AppModule)).not.toThrow();
    const routes = controllersOf(AppModule).flatMap(routesOf);
    const open = routes.filter((route) => route.access === 'public').map((route) => `${route.method} ${route.path}`);
    expect(routes.length).toBeGreaterThan(15);
    expect(open.sort()).toEqual([
      'GET /api/v1/lab',
      'GET /api/v1/lab/key',
      'GET /healthz',
      'GET /metrics',
      'GET /readyz',
      'POST /api/v1/agents',
      'POST /api/v1/sessions',
      'POST /api/v1/sessions/guest',
    ]);
  });

  it('[AUTH-9] a route or event without it is found and named', () => {
    expect(() => requireDeclaredAccess(Outer)).toThrow('no @Access on Things.create, Events.watch');
  });
});
