export {
  decimalsOf,
  formatBytes,
  formatInterval,
  formatMetric,
  formatNumber,
  formatRange,
  formatShare,
  halfWidth,
} from '@hilltop/contracts';
