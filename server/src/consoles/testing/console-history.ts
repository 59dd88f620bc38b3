import { mulberry32 } from '@hilltop/contracts';
import { applyLease } from '../../leases/lease-rules.js';
import { LeaseGame } from '../../leases/testing/lease-game.js';
import { pick, players, randomRule } from '../../leases/testing/random-rule.js';
import { applyConsole, type ConsoleAct, type ConsoleHold, freeKeyboard, type Keyboard } from '../console-rules.js';
import { KeyboardWitness } from './keyboard-witness.js';

/** Device of the histories; a second one keeps the queue honest. */
const device = 'a1';
const steps = 80;
const acts = ['take', 'ask', 'answer', 'drop', 'type', 'type', 'type', 'disconnect', 'tick'] as const;

/** The lease that is held on the device, and not over. */
export function holdIn({ state, now }: LeaseGame): ConsoleHold | undefined {
  const lease = state.leases.find((each) => each.state === 'held' && each.deviceId === device);
  return lease && lease.until! > now
    ? { holding: `${lease.id}#${lease.fence}`, owner: lease.holder.owner, name: lease.holder.name }
    : undefined;
}

function randomAct(keyboard: Keyboard, hold: ConsoleHold | undefined, random: () => number): ConsoleAct {
  const type = pick(acts, random);
  const party = ({ owner, name }: { owner: string; name: string }) => ({ owner, name });
  const likely = [keyboard.writer, hold, keyboard.ask].filter((each) => each !== undefined);
  const by = party(random() < 0.6 && likely.length > 0 ? pick(likely, random) : pick(players, random));
  // Two connections each, and REST.
  const connection = pick([`${by.owner}-1`, `${by.owner}-2`, undefined], random);
  switch (type) {
    case 'tick':
      return { type };
    case 'disconnect':
      return { type, connection: connection ?? `${by.owner}-1` };
    case 'answer':
      return { type, by, answer: random() < 0.7 ? 'give' : 'no' };
    default:
      return { type, by, ...(connection !== undefined && { connection }) };
  }
}

/** One random history of leases and a keyboard, step by step judged; `apply` may be a faulty version of the rules. */
export function playConsole(
  seed: number,
  apply: typeof applyConsole = applyConsole,
): { faults: string[]; seen: string[] } {
  const random = mulberry32(seed);
  const game = new LeaseGame([device, 'a2'], 7200);
  const witness = new KeyboardWitness();
  let keyboard = freeKeyboard;
  let measuring: string | undefined;
  const seen: string[] = [];
  for (let i = 1; i <= steps; i++) {
    game.now += pick([0, 0, 0, 1, 5, 20, 61, 130, 700], random) * 1000;
    if (random() < 0.05) measuring = measuring === undefined ? `run_${i}` : undefined;
    if (random() < 0.3) {
      const rule = randomRule(game.state, game.history, [device, 'a2'], i, random);
      const outcome = applyLease(game.state, rule, game.now, game.world);
      if ('state' in outcome) {
        game.state = outcome.state;
        game.history.push(...outcome.changed);
        for (const { ended } of outcome.changed) if (ended) seen.push(ended.reason);
        if (outcome.changed.length > 0) seen.push(`lease ${rule.type}`);
      }
    }
    const hold = holdIn(game);
    const act = randomAct(keyboard, hold, random);
    const world = { hold, now: game.now, measuring };
    const outcome = apply(keyboard, act, world);
    const faults = witness.judge(act, outcome, world);
    if (faults.length > 0) return { faults: faults.map((fault) => `step ${i} ${act.type}: ${fault}`), seen };
    const gotBySilence =
      act.type === 'tick' && outcome.keyboard.writer && keyboard.ask?.owner === outcome.keyboard.writer.owner;
    seen.push(outcome.refusal?.code ?? act.type, ...(gotBySilence ? ['silence'] : []));
    if (keyboard.writer && !outcome.keyboard.writer && act.type === 'tick') seen.push('lost');
    keyboard = outcome.keyboard;
  }
  return { faults: [], seen };
}
