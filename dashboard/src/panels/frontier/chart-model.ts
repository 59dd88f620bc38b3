export {
  type ChartAxis as Axis,
  type ChartDomains as Domains,
  type ChartInput,
  type ChartLimit as Limit,
  type ChartMark as Mark,
  type ChartModel,
  chartModel,
  domainsOf,
} from '@hilltop/contracts';
