import type { Task } from '../links/worker-pool.js';
import { type Judged, judgeNights, type Nights } from './judge-nights.js';

export const gateTask: Task<Nights, Judged> = { name: 'gate' };

export const gateWork = (nights: Nights): Judged => judgeNights(nights);
