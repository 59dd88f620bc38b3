export { shipText } from '@hilltop/contracts';
