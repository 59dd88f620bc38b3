/** A competing load: wants the core for a share of each period, until who started it is gone. */
const [duty, periodMs] = process.argv.slice(2).map(Number) as [number, number];

process.on('disconnect', () => process.exit(0));

function turn(): void {
  const until = performance.now() + duty * periodMs;
  while (performance.now() < until);
  const restMs = (1 - duty) * periodMs;
  // Without a rest, too, the end has to be heard.
  if (restMs >= 1) setTimeout(turn, restMs);
  else setImmediate(turn);
}

turn();
process.send!('spinning');
