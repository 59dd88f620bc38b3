import * as contracts from '@hilltop/contracts';
import * as z from 'zod';

export type Json = Record<string, unknown>;
/** What is sent to the lab, or what it answers: defaults make the difference. */
export type Io = 'input' | 'output';

const base = '#/components/schemas/';

/** Schemas of the contract as components: those a route mentions, and those they mention in turn. */
export class Components {
  readonly #names = new Map<z.ZodType, string>();
  readonly #registry = z.registry<{ id: string }>();
  readonly #all: Readonly<Record<Io, Readonly<Record<string, Json>>>>;
  readonly #used: Record<string, unknown> = {};

  constructor() {
    for (const [name, value] of Object.entries(contracts)) {
      if (!(value instanceof z.ZodType) || !/^[A-Z]/.test(name) || this.#names.has(value)) continue;
      this.#names.set(value, name);
      this.#registry.add(value, { id: name });
    }
    const uri = (name: string) => base + name;
    const all = (io: Io) =>
      z.toJSONSchema(this.#registry, { io, uri, unrepresentable: 'any' }).schemas as unknown as Record<string, Json>;
    this.#all = { input: all('input'), output: all('output') };
  }

  /** Everything mentioned so far, by name. */
  get used(): Json {
    return Object.fromEntries(Object.entries(this.#used).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference where the contract has a name for the schema, else the schema itself. */
  schemaOf(schema: z.ZodType, io: Io): Json {
    const name = this.#names.get(schema);
    return name === undefined ? this.inline(schema, io) : this.#refer(name, io);
  }

  /** The schema itself, also where the contract has a name for it. */
  inline(schema: z.ZodType, io: Io): Json {
    const name = this.#names.get(schema);
    const json =
      name === undefined
        ? z.toJSONSchema(schema, { io, unrepresentable: 'any', metadata: this.#registry })
        : this.#all[io][name];
    return this.#resolve(json, io) as Json;
  }

  #refer(name: string, io: Io): Json {
    const same = JSON.stringify(this.#all.input[name]) === JSON.stringify(this.#all.output[name]);
    const component = io === 'input' && !same ? `${name}Input` : name;
    if (!(component in this.#used)) {
      this.#used[component] = {}; // first, since a schema may mention itself
      this.#used[component] = this.#resolve(this.#all[io][name], io);
    }
    return { $ref: base + component };
  }

  /** A copy whose references are components, without what only makes sense in a document of its own. */
  #resolve(value: unknown, io: Io): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item, io));
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value) return this.#refer(String(value.$ref).split('/').at(-1)!, io);
    const kept = Object.entries(value).filter(([key]) => !['$schema', '$id', '$defs', '~standard'].includes(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, this.#resolve(item, io)]));
  }
}
