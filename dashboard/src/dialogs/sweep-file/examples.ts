import nightly from '../../../../examples/sweeps/nightly.yaml?raw';
import search from '../../../../examples/sweeps/search.yaml?raw';

/** The sweep files that come with the product, as they are. */
export const sweepExamples = { 'nightly.yaml': nightly, 'search.yaml': search } as const;
