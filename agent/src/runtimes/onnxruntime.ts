import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchOf, type ErrorCode, errorStatus, type LayerProfile, profileLimit } from '@hilltop/contracts';
import { watchSystemMemory } from '../preparation/system-memory.js';
import { capsFor } from './caps.js';
import { type ChildOptions, capTools, freeMemoryBytes, runChild } from './child-process.js';
import { type ChildEvent, type ChildTask, frameType, itemsOf, rowsOf } from './child-wire.js';
import { evidenceColumns } from './evidence-columns.js';
import { nullModel } from './null-model.js';
import { outcomeOf, runFailure } from './outcome.js';
import type { BlockResult, RuntimeContext, RuntimeDriver, Subject } from './runtime.js';

const require = createRequire(import.meta.url);
const builtChild = fileURLToPath(new URL('./onnxruntime-child.js', import.meta.url));
/** So long the model runs under the profiler, and so long all of it may take, ms. */
const profileMs = 300;
const profileTimeoutMs = 60_000;
/** Device nodes of a GPU: NVIDIA's, the kernel's for all others, and Windows' under WSL. */
const gpuNodes = ['/dev/nvidiactl', '/dev/dri', '/dev/dxg'];
const noWait = { minMs: 0, minInferences: 1, maxMs: 0 };

/** ONNX Runtime in a Node child: on the CPU, or another provider that the settings name. */
export function onnxruntime(context: RuntimeContext): RuntimeDriver {
  const caps = (artifactBytes: number, timeoutMs: number, threads: number, provider = 'cpu') => ({
    ...capsFor(artifactBytes, freeMemoryBytes(), timeoutMs, threads),
    // A GPU's libraries reserve far more than a model needs.
    ...(provider !== 'cpu' && { memoryBytes: Math.floor(0.75 * Math.min(freeMemoryBytes(), Number.MAX_SAFE_INTEGER)) }),
  });

  const run = async (
    subject: Subject,
    task: Pick<ChildTask, 'kind' | 'warmUp' | 'rule' | 'evaluationItems' | 'profileLayers' | 'providers'>,
    onEvent: (event: ChildEvent) => void,
    onFrame: ChildOptions['onFrame'],
    signal: AbortSignal,
  ): Promise<void> => {
    let failed: Extract<ChildEvent, { type: 'failed' }> | undefined;
    let finished = false;
    // Quality is as it is without: it is a matter of the model, item by item.
    const batch = task.kind === 'evaluate' ? undefined : batchOf(subject.settings);
    const exit = await runChild({
      script: context.childScript ?? builtChild,
      workDir: context.workDir,
      artifactPath: subject.artifact.path,
      ...(context.affinity !== undefined && { affinity: context.affinity }),
      ...(context.groups && { groups: context.groups }),
      ...(subject.data && { dataPath: subject.data.path }),
      caps: caps(subject.artifact.bytes, subject.timeoutMs, subject.settings.threads, subject.settings.provider),
      timeoutMs: subject.timeoutMs + (task.rule.idleBeforeMs ?? 0) + (task.rule.idleAfterMs ?? 0),
      task: {
        ...task,
        threads: subject.settings.threads,
        graphLevel: subject.settings.graphLevel,
        ...(subject.settings.provider !== undefined && { provider: subject.settings.provider }),
        inputs: subject.inputs,
        outputs: subject.outputs,
        ...(batch !== undefined && { batch }),
        ...(subject.data && { data: subject.data.layout }),
        ...(subject.groundTruth && { groundTruth: subject.groundTruth }),
      },
      onFrame: (type, payload) => {
        if (type !== frameType.event) return onFrame(type, payload);
        const event = JSON.parse(payload.toString('utf8')) as ChildEvent;
        if (event.type === 'failed') failed = event;
        if (
          event.type === 'measured' ||
          event.type === 'evaluated' ||
          event.type === 'profiled' ||
          event.type === 'probed'
        )
          finished = true;
        onEvent(event);
      },
      ...(context.onChild && { onChild: context.onChild }),
      signal,
    });
    signal.throwIfAborted();
    if (failed)
      throw runFailure(
        failed.code in errorStatus ? (failed.code as ErrorCode) : 'run.crashed',
        failed.cause,
        failed.message,
      );
    if (!finished) throw outcomeOf(exit);
  };

  /** Of the providers that this build knows beside the CPU, those that load: a library that is there may find no device. */
  const probe = async (providers: readonly string[]): Promise<readonly string[]> => {
    if (providers.length === 0) return [];
    const folder = await mkdtemp(join(context.workDir, 'probe-'));
    try {
      const path = join(folder, 'null.onnx');
      await writeFile(path, nullModel.bytes);
      let loaded: readonly string[] = [];
      await run(
        {
          artifact: { path, sha256: '', bytes: nullModel.bytes.length },
          // A GPU's provider is to have the memory it would have in a run.
          settings: { threads: 1, graphLevel: 'all', provider: providers[0] },
          inputs: [],
          outputs: [],
          timeoutMs: profileTimeoutMs,
        },
        { kind: 'probe', warmUp: noWait, rule: { minMs: 0, minInferences: 1 }, evaluationItems: 0, providers },
        (event) => {
          if (event.type === 'probed') loaded = event.providers;
        },
        () => undefined,
        new AbortController().signal,
      );
      return loaded;
    } catch {
      // One that takes its process down does not load; the others get a process each.
      const alone = providers.length > 1 ? providers.map((provider) => [provider]) : [];
      const each: string[] = [];
      for (const one of alone) each.push(...(await probe(one)));
      return each;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  return {
    name: 'onnxruntime',
    describe: async () => {
      try {
        const { version } = require('onnxruntime-node/package.json') as { version: string };
        const ort = require('onnxruntime-node') as typeof import('onnxruntime-node');
        const others = ort
          .listSupportedBackends()
          .map((backend) => backend.name)
          .filter((name) => name !== 'cpu');
        // Trying starts a process: not where there is nothing to find.
        return {
          version,
          providers: ['cpu', ...((context.gpuNodes ?? gpuNodes).some(existsSync) ? await probe(others) : [])],
        };
      } catch {
        // Not installed, or no build of it for this machine: the caller reports the lack.
        return undefined;
      }
    },
    block: async (subject, warmUp, rule, listener, signal) => {
      let result: BlockResult | undefined;
      let systemBytes: number | undefined;
      const { provider = 'cpu' } = subject.settings;
      listener.onPhase?.('loading');
      const watched = provider === 'cpu' ? undefined : watchSystemMemory();
      await run(
        subject,
        { kind: 'block', warmUp, rule, evaluationItems: 0 },
        (event) => {
          if (event.type === 'warm') listener.onPhase?.('warming-up');
          if (event.type === 'idle') listener.onIdle?.(event.idle);
          if (event.type !== 'measured') return;
          // While its process is still there, and what it took with it.
          systemBytes = watched?.();
          result = blockResult(event);
        },
        (type, payload) => {
          if (type === frameType.warmUp) listener.onWarmUp?.(rowsOf(payload));
          if (type === frameType.latency) listener.onLatency?.(rowsOf(payload));
        },
        signal,
      ).finally(() => watched?.());
      return systemBytes === undefined
        ? result!
        : { ...result!, memory: { ...result!.memory, system_bytes: systemBytes } };
    },
    evaluate: async (subject, items, onItems, signal) => {
      await run(
        subject,
        { kind: 'evaluate', warmUp: noWait, rule: { minMs: 0, minInferences: 1 }, evaluationItems: items },
        () => undefined,
        (type, payload) => {
          if (type === frameType.items) onItems(itemsOf(payload));
        },
        signal,
      );
    },
    profile: async (subject, signal) => {
      let layers: readonly LayerProfile[] = [];
      await run(
        { ...subject, timeoutMs: Math.min(subject.timeoutMs, profileTimeoutMs) },
        {
          kind: 'profile',
          warmUp: noWait,
          rule: { minMs: profileMs, minInferences: 1 },
          evaluationItems: 0,
          profileLayers: profileLimit,
        },
        (event) => {
          if (event.type === 'profiled') layers = event.layers;
        },
        () => undefined,
        signal,
      );
      return layers;
    },
    caps: () => (capTools().prlimit ? 'prlimit' : 'none'),
    memoryLimitBytes: (artifactBytes) => (capTools().prlimit ? caps(artifactBytes, 1000, 1).memoryBytes : undefined),
  };
}

function blockResult(event: Extract<ChildEvent, { type: 'measured' }>): BlockResult {
  const { process: p, evidence, memory, moments } = event;
  return {
    moments,
    ...(memory && { memory }),
    process: {
      load_ms: p.loadMs,
      first_inference_ms: p.firstInferenceMs,
      measured_ms: p.measuredMs,
      rss_baseline_bytes: p.rssBaselineBytes,
      peak_load_bytes: p.peakLoadBytes,
      peak_bytes: p.peakBytes,
    },
    evidence: evidenceColumns(evidence),
  };
}
