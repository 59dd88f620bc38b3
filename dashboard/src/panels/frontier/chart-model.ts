export {
  type ChartAxis as Axis,
  type ChartDomains as Domains,
  type ChartGeometry,
  type ChartInput,
  type ChartLimit as Limit,
  type ChartMark as Mark,
  type ChartModel,
  chartGeometry,
  chartModel,
  constrained,
  domainsOf,
} from '@hilltop/contracts';
