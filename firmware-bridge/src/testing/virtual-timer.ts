export { virtualTimer } from '../simulated/virtual-timer.js';
