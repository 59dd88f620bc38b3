import { type Graph, readGraph, writeGraph } from '../graph.js';
import { type Node, subGraphs } from '../node.js';
import { definePass, notApplicable } from '../pass.js';
import { shareConstants } from '../weights/share.js';

/** Domains that run everywhere ONNX Runtime runs. Others (nchwc, ...) are bound to the processor the file was made on. */
const portable = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** Constant folding and Conv+BatchNormalization fusion by ONNX Runtime's basic level; the result is exact but for rounding. */
export const optimize = definePass({
  name: 'optimize',
  version: 1,
  summary: 'Folds constants, fuses Conv and BatchNormalization, drops what is not needed',
  parameters: {},
  async apply(graph, _parameters, { host, signal, report }) {
    const before = writeGraph(graph);
    const optimized = readGraph(await host.optimize(before, { level: 'basic' }, signal));
    stripImports(optimized);
    // The runtime writes weights that two branches share twice.
    shareConstants(optimized);
    const bytes = writeGraph(optimized);
    if (bytes.length > before.length * 1.02)
      report(`the folded model is larger: ${before.length} -> ${bytes.length} bytes`);
    return readGraph(bytes);
  },
});

/** Drops the operator set imports nobody uses; the runtime leaves eight of them. Throws `pass.not-applicable` at a bound operator. */
function stripImports(graph: Graph): void {
  const used = new Set<string>(['']);
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      const domain = node.domain === 'ai.onnx' ? '' : node.domain;
      if (!portable.has(domain) && !graph.model.functions.some((f) => f.domain === domain)) {
        throw notApplicable('optimize', `operator ${node.opType} of ${domain} is bound to one kind of processor`, node);
      }
      used.add(domain);
      for (const inner of subGraphs(node)) visit(inner.node);
    }
  };
  visit(graph.body.node);
  graph.model.opsetImport = graph.model.opsetImport.filter((o) => used.has(o.domain === 'ai.onnx' ? '' : o.domain));
}
