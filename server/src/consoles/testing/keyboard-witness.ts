import { consoleLimits } from '@hilltop/contracts';
import type { ConsoleAct, ConsoleOutcome, ConsoleWorld } from '../console-rules.js';

interface Got {
  readonly owner: string;
  /** Whose the device was then: their lease may go to another under the same id. */
  readonly holder: string;
  readonly holding: string;
  /** The connection it was got or last used with. */
  connection: string | undefined;
  /** Last got or used. */
  at: number;
}

/**
 * Whether what the rules say may be: judged by what was accepted before, not by the rules' own state. It knows only who got the keyboard
 * last, under which lease, by which connection, and who asked.
 */
export class KeyboardWitness {
  #got: Got | undefined;
  #asked: (Got & { readonly since: number }) | undefined;

  /** What is wrong with a step; nothing when all is well. `seen` is the writer that the rules name afterwards. */
  judge(act: ConsoleAct, { keyboard, refusal }: ConsoleOutcome, world: ConsoleWorld): string[] {
    const { hold, now, measuring } = world;
    const faults: string[] = [];
    const writer = keyboard.writer;
    // What ends by itself, whatever was asked.
    if (this.#got?.holding !== hold?.holding || this.#got?.holder !== hold?.owner) this.#got = undefined;
    if (this.#asked?.holding !== hold?.holding || this.#asked?.holder !== hold?.owner) this.#asked = undefined;
    const silentSince = this.#got?.at ?? this.#asked?.at ?? now;
    const silence = now - silentSince >= consoleLimits.idleMs;
    if (this.#got && this.#got.connection === undefined && silence) this.#got = undefined;
    if (this.#asked && silence) this.#give(this.#asked, now);

    if (writer && !hold) faults.push(`${writer.owner} is a writer of a device that nobody holds`);
    if (writer && hold && writer.holding !== hold.holding)
      faults.push(`${writer.owner} writes under a lease that ended`);
    if (refusal) {
      const took = (act.type === 'take' || act.type === 'ask') && hold?.owner === act.by.owner;
      if (took) faults.push('the holder was refused the keyboard');
      if (act.type === 'type' && this.#got?.owner === act.by.owner && measuring === undefined)
        faults.push(`${act.by.owner} has the keyboard and was refused: ${refusal.code}`);
    } else faults.push(...this.#accepted(act, world));
    if (writer?.owner !== this.#got?.owner)
      faults.push(
        `the rules say ${writer?.owner ?? 'nobody'} writes, the history says ${this.#got?.owner ?? 'nobody'}`,
      );
    return faults;
  }

  #accepted(act: ConsoleAct, { hold, now, measuring }: ConsoleWorld): string[] {
    switch (act.type) {
      case 'tick':
        return [];
      case 'disconnect':
        if (this.#got?.connection === act.connection) this.#got = undefined;
        if (this.#asked?.connection === act.connection) this.#asked = undefined;
        return [];
      case 'drop':
        if (this.#got?.owner === act.by.owner) this.#got = undefined;
        else if (this.#asked?.owner === act.by.owner) this.#asked = undefined;
        return [];
      case 'answer':
        if (hold?.owner !== act.by.owner) return [`${act.by.owner} answered for a device that is not theirs`];
        if (!this.#asked) return ['nobody asked, and somebody was answered'];
        if (act.answer === 'give') this.#give(this.#asked, now);
        this.#asked = undefined;
        return [];
      case 'take':
      case 'ask': {
        if (!hold) return [`${act.by.owner} got a keyboard that nobody may have`];
        const { holding } = hold;
        const own = this.#got?.owner === act.by.owner;
        const fresh = {
          owner: act.by.owner,
          holder: hold.owner,
          holding,
          connection: act.connection ?? (own ? this.#got?.connection : undefined),
          at: now,
        };
        if (own || hold.owner === act.by.owner) this.#got = fresh;
        else if (act.type === 'take') return [`${act.by.owner} took a keyboard of a device of ${hold.owner}`];
        else {
          if (this.#asked && this.#asked.owner !== act.by.owner) return ['two ask at once'];
          this.#asked ??= { ...fresh, since: now };
          if (this.#got && now - this.#got.at >= consoleLimits.idleMs) this.#give(this.#asked, now);
        }
        return [];
      }
      case 'type':
        if (!hold) return [`${act.by.owner} wrote to a device that nobody holds`];
        if (measuring !== undefined) return [`${act.by.owner} wrote into ${measuring}`];
        if (this.#got?.owner !== act.by.owner)
          return [`${act.by.owner} wrote; ${this.#got?.owner ?? 'nobody'} has the keyboard`];
        this.#got = { ...this.#got, at: now, connection: act.connection ?? this.#got.connection };
        return [];
    }
  }

  #give({ owner, holder, holding, connection }: Got, now: number): void {
    this.#got = { owner, holder, holding, connection, at: now };
    this.#asked = undefined;
  }
}
