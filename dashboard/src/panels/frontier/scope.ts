export { scopeOf } from '@hilltop/contracts';
