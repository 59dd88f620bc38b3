import { createHash } from 'node:crypto';
import { LabError, type PassParameter, type Recipe, RecipeFile } from '@hilltop/contracts';
import type { ParameterSpec, PassParameters } from './pass.js';
import { passes } from './passes/index.js';

/**
 * A recipe file with every parameter resolved. Throws `recipe.invalid` (shape of the file) or `recipe.parameter`; their
 * details.path names the offending place, e.g. `steps[0].parameters.bits`.
 */
export function resolveRecipe(file: unknown): Recipe {
  const parsed = RecipeFile.safeParse(file);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = pathText(issue.path);
    throw new LabError(
      isParameterPath(issue.path) ? 'recipe.parameter' : 'recipe.invalid',
      `${path || 'recipe'}: ${issue.message}`,
      { path },
    );
  }
  const { name, title, description, risk, floor } = parsed.data;
  const steps = parsed.data.steps.map((step, i) => {
    const pass = passes[step.pass];
    return {
      pass: step.pass,
      version: pass.version,
      parameters: resolveParameters(pass.parameters, step.parameters, `steps[${i}].parameters`),
    };
  });
  return {
    id: createHash('sha256').update(canonical(steps)).digest('hex'),
    name,
    title,
    description,
    ...(risk && { risk }),
    ...(floor && { floor }),
    steps,
    needsCalibration: steps.some((step) => passes[step.pass].needsCalibration(step.parameters)),
    needsValidation: steps.some((step) => passes[step.pass].needsValidation(step.parameters)),
  };
}

/** JSON with sorted keys: the same recipe gives the same text however it was written. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function resolveParameters(
  specs: Readonly<Record<string, ParameterSpec>>,
  given: PassParameters,
  path: string,
): Record<string, PassParameter> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name))
      throw wrong(`${path}.${name}`, `unknown parameter; known are ${Object.keys(specs).join(', ') || 'none'}`);
  }
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const value = given[name];
      if (value === undefined) return [name, spec.default];
      const why = objection(spec, value);
      if (why) throw wrong(`${path}.${name}`, why);
      return [name, value];
    }),
  );
}

/** Why a value does not fit; undefined where it does. */
function objection(spec: ParameterSpec, value: PassParameter): string | undefined {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'names':
      return Array.isArray(value) ? undefined : 'must be a list of names';
    case 'string':
      if (typeof value !== 'string') return 'must be a text';
      break;
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
      if (spec.type === 'integer' && !Number.isInteger(value)) return 'must be a whole number';
      if (spec.min !== undefined && value < spec.min) return `must be at least ${spec.min}`;
      if (spec.max !== undefined && value > spec.max) return `must be at most ${spec.max}`;
  }
  return spec.values && !spec.values.includes(value) ? `must be one of ${spec.values.join(', ')}` : undefined;
}

const wrong = (path: string, why: string): LabError => new LabError('recipe.parameter', `${path}: ${why}`, { path });

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );

const isParameterPath = (path: readonly PropertyKey[]): boolean => path[0] === 'steps' && path[2] === 'parameters';
