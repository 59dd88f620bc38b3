/**
 * Two runs of one variant at different times differ by more than their own processes show: other work, heat and memory
 * layouts lie between them. Relative standard deviation of a run's median beyond its processes, measured by the A/A
 * bench (`npm run bench -- aa`, figure "deviation between runs beyond their processes"): 1.4 % over 40 pairs on two cores
 * that had other work.
 */
export const betweenRunDeviation = 0.015;
