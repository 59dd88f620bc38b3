export { planToC } from '@hilltop/contracts';
