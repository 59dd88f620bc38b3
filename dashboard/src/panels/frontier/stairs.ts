export { type AxisDirection as Direction, frontierOf, type PlanePoint as Valued, stairsPath } from '@hilltop/contracts';
