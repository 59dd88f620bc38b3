import { consoleLimits, LabError } from '@hilltop/contracts';

export interface ConsoleParty {
  readonly owner: string;
  readonly name: string;
}

/** The lease that is held on the device now. */
export interface ConsoleHold extends ConsoleParty {
  /** Another with each lease, and with each holder of one lease: it is handed over under its id. */
  readonly holding: string;
}

interface Claim extends ConsoleParty {
  /** The holding under which it was had or asked for; it ends with it. */
  readonly holding: string;
  /** It ends with this connection, too. Absent for one who comes by REST. */
  readonly connection?: string | undefined;
}
export interface Writer extends Claim {
  /** Last typed, or got the keyboard; ms. */
  readonly activeAt: number;
}
export interface KeyboardAsk extends Claim {
  readonly at: number;
}

/** Who has the keyboard of one device and who asks for it. Never stored: who restarts the lab disconnects everybody. */
export interface Keyboard {
  /** Grows with every change. */
  readonly revision: number;
  readonly writer?: Writer | undefined;
  readonly ask?: KeyboardAsk | undefined;
}
export const freeKeyboard: Keyboard = { revision: 0 };

interface PersonsAct {
  readonly type: 'take' | 'ask' | 'drop' | 'type';
  readonly by: ConsoleParty;
  readonly connection?: string | undefined;
}
export type ConsoleAct =
  | PersonsAct
  | { readonly type: 'answer'; readonly by: ConsoleParty; readonly answer: 'give' | 'no' }
  | { readonly type: 'disconnect'; readonly connection: string }
  | { readonly type: 'tick' };

/** What the rules need to know of the rest. */
export interface ConsoleWorld {
  readonly hold?: ConsoleHold | undefined;
  /** A run that is measured on the device. */
  readonly measuring?: string | undefined;
  readonly now: number;
}

export interface ConsoleOutcome {
  /** Also of a refused act: what had ended has ended. */
  readonly keyboard: Keyboard;
  readonly refusal?: LabError;
}

/** When an ask is granted by itself, unless the writer types before; ms. */
export function grantedAt({ writer, ask }: Keyboard): number | undefined {
  return ask && (writer?.activeAt ?? ask.at) + consoleLimits.idleMs;
}

/** The rules of the keyboard: one writer, never outside the lease. Pure. */
export function applyConsole(before: Keyboard, act: ConsoleAct, world: ConsoleWorld): ConsoleOutcome {
  const settled = settle(before, world);
  const result = run(settled, act, world);
  const after = result instanceof LabError ? settled : result;
  const changed = !sameClaim(before.writer, after.writer) || !sameClaim(before.ask, after.ask);
  return {
    keyboard: { ...after, revision: before.revision + Number(changed) },
    ...(result instanceof LabError && { refusal: result }),
  };
}

/** What lease, time and silence have ended or granted, whatever is asked now. */
function settle({ revision, writer, ask }: Keyboard, { hold, now }: ConsoleWorld): Keyboard {
  const under = <T extends Claim>(claim: T | undefined): T | undefined =>
    claim && claim.holding === hold?.holding ? claim : undefined;
  // Nobody sees the end of one who has no connection: they lose it by saying nothing.
  const heard = (claim: Claim, since: number): boolean =>
    claim.connection !== undefined || now - since < consoleLimits.idleMs;
  const kept = under(writer);
  const asked = under(ask);
  const still = { revision, writer: kept && heard(kept, kept.activeAt) ? kept : undefined, ask: asked };
  if (!asked || now < grantedAt({ ...still, writer: kept })!) return still;
  return { revision, writer: writerOf(asked, now) };
}

function run(keyboard: Keyboard, act: ConsoleAct, world: ConsoleWorld): Keyboard | LabError {
  const { writer, ask } = keyboard;
  const { hold, now } = world;
  switch (act.type) {
    case 'tick':
      return keyboard;
    case 'disconnect':
      return {
        ...keyboard,
        writer: writer?.connection === act.connection ? undefined : writer,
        ask: ask?.connection === act.connection ? undefined : ask,
      };
    case 'drop':
      return writer?.owner === act.by.owner ? { ...keyboard, writer: undefined } : withdrawn(keyboard, act.by);
    case 'answer':
      if (!ask) return new LabError('console.not-asked', 'nobody asks for the keyboard any more');
      if (hold?.owner !== act.by.owner) return notHolder(hold);
      return act.answer === 'no'
        ? { ...keyboard, ask: undefined }
        : { ...keyboard, writer: writerOf(ask, now), ask: undefined };
    case 'take':
    case 'ask':
      return claim(keyboard, act, world);
    case 'type': {
      if (!hold) return noLease();
      if (writer?.owner !== act.by.owner) return notWriter(writer, hold);
      if (world.measuring !== undefined)
        return new LabError('console.measuring', `typing would disturb ${world.measuring}; wait for its end`, {
          runId: world.measuring,
        });
      return { ...keyboard, writer: { ...writer, activeAt: now, connection: act.connection ?? writer.connection } };
    }
  }
}

/** The holder takes it, whoever has it; anybody else asks. */
function claim(
  keyboard: Keyboard,
  { type, by, connection }: PersonsAct,
  { hold, now }: ConsoleWorld,
): Keyboard | LabError {
  const { writer, ask } = keyboard;
  if (!hold) return noLease();
  const mine = { owner: by.owner, name: by.name, holding: hold.holding, connection };
  if (writer?.owner === by.owner)
    return { ...keyboard, writer: { ...writer, activeAt: now, connection: connection ?? writer.connection } };
  if (hold.owner === by.owner) return { ...keyboard, writer: { ...mine, activeAt: now } };
  if (type === 'take') return notWriter(writer, hold);
  if (ask && ask.owner !== by.owner)
    return new LabError('console.asked', `${ask.name} asks for the keyboard already`, { by: ask.name });
  return settle({ ...keyboard, ask: ask ?? { ...mine, at: now } }, { hold, now });
}

const withdrawn = (keyboard: Keyboard, by: ConsoleParty): Keyboard =>
  keyboard.ask?.owner === by.owner ? { ...keyboard, ask: undefined } : keyboard;

const writerOf = ({ owner, name, holding, connection }: Claim, now: number): Writer => ({
  owner,
  name,
  holding,
  connection,
  activeAt: now,
});

const sameClaim = (a: Claim | undefined, b: Claim | undefined): boolean =>
  a?.owner === b?.owner && a?.holding === b?.holding && a?.connection === b?.connection;

const noLease = (): LabError =>
  new LabError('console.no-lease', 'nobody holds this device; reserve it, then its keyboard is yours');
const notHolder = (hold: ConsoleHold | undefined): LabError =>
  hold ? new LabError('console.not-yours', `${hold.name} holds the device and answers`) : noLease();
const notWriter = (writer: Writer | undefined, hold: ConsoleHold): LabError =>
  new LabError(
    'console.not-writer',
    writer ? `${writer.name} has the keyboard; ask for it` : `${hold.name} holds the device; ask for the keyboard`,
    { ...(writer && { writer: writer.name }), holder: hold.name },
  );
