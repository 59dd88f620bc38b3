export { type AxisScale as Scale, domainOf, linearTicks, logTicks, makeScale } from '@hilltop/contracts';
