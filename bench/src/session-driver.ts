import type { BlockResult, RuntimeDriver, Subject } from '@hilltop/agent';
import ort from 'onnxruntime-node';

/**
 * ONNX Runtime in this process, a fresh session for each block: a whole grid in minutes, where a process for each block, as the agent has
 * it, takes most of its time to start. Measures latency and nothing else.
 */
export const sessionDriver: RuntimeDriver = {
  name: 'onnxruntime',
  describe: async () => ({ version: ort.env.versions.node ?? 'unknown', providers: ['cpu'] }),
  caps: () => 'none',
  memoryLimitBytes: () => undefined,
  evaluate: () => Promise.reject(new Error('quality is not measured here')),
  async block(subject, warmUp, rule, listener): Promise<BlockResult> {
    const began = performance.now();
    const session = await ort.InferenceSession.create(subject.artifact.path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: subject.settings.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: subject.settings.graphLevel,
      logSeverityLevel: 4,
    });
    const load = performance.now() - began;
    try {
      const feeds = feedsOf(subject);
      const timed = async (): Promise<number> => {
        const start = performance.now();
        await session.run(feeds);
        return performance.now() - start;
      };
      const first = await timed();
      const until = async (minMs: number, minInferences: number): Promise<number[]> => {
        const latencies: number[] = [];
        for (const start = performance.now(); performance.now() - start < minMs || latencies.length < minInferences; )
          latencies.push(await timed());
        return latencies;
      };
      listener.onWarmUp?.(Float64Array.from(await until(warmUp.minMs, warmUp.minInferences)));
      const start = performance.now();
      listener.onLatency?.(Float64Array.from(await until(rule.minMs, rule.minInferences)));
      return {
        process: {
          load_ms: load,
          first_inference_ms: first,
          measured_ms: performance.now() - start,
          rss_baseline_bytes: 0,
          peak_load_bytes: 0,
          peak_bytes: 0,
        },
      };
    } finally {
      await session.release();
    }
  },
};

function feedsOf({ inputs }: Subject): Record<string, ort.Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dims }) => {
      const shape = dims.map(Number);
      const data = Float32Array.from(
        { length: shape.reduce((product, d) => product * d, 1) },
        (_, i) => ((i * 7919) % 2048) / 2048,
      );
      return [name, new ort.Tensor('float32', data, shape)];
    }),
  );
}
