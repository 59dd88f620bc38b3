export { type MetricUnit as Unit, unitFor } from '@hilltop/contracts';
