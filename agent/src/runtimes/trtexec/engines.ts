import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Engines that are kept; each is about as large as its model. */
const kept = 8;

/** What makes an engine: the same of all this gives the same engine, or one as good. */
export interface EngineKey {
  readonly artifact: string;
  readonly version: string;
  readonly precision: string;
  readonly shapes: string;
}

export interface Engine {
  readonly path: string;
  /** Whether the model leaves sizes open, which are then to be said at each call. */
  readonly shapes: 'dynamic' | 'static';
}

/** Engines that were built since the agent began: building one takes seconds to minutes, and a run needs it in each of its processes. */
export class Engines {
  private readonly building = new Map<string, Promise<Engine>>();

  constructor(private readonly folder: string) {}

  /** The engine, built by `build` at the path it is given where there is none yet. A build that fails is tried again by who asks next. */
  async get(key: EngineKey, build: (path: string) => Promise<Engine['shapes']>): Promise<Engine> {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32);
    const path = join(this.folder, `${name}.engine`);
    const known = this.building.get(name);
    if (known) {
      const engine = await known;
      const now = new Date();
      if (
        await utimes(path, now, now).then(
          () => true,
          () => false,
        )
      )
        return engine;
    }
    const built = this.make(path, build);
    this.building.set(name, built);
    built.catch(() => this.building.delete(name));
    return built;
  }

  private async make(path: string, build: (path: string) => Promise<Engine['shapes']>): Promise<Engine> {
    await mkdir(this.folder, { recursive: true });
    await this.forget();
    return { path, shapes: await build(path) };
  }

  /** The one that was used longest ago goes first. */
  private async forget(): Promise<void> {
    const paths = (await readdir(this.folder)).map((name) => join(this.folder, name));
    const used = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
    for (const { path } of used.sort((a, b) => b.at - a.at).slice(kept - 1)) await rm(path, { force: true });
  }
}
