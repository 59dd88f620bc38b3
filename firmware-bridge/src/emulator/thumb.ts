/**
 * Thumb instructions as JavaScript. Each does to registers, flags and cycles exactly what rp2040js' interpreter does, the few places
 * where that one differs from the architecture included (V after ADCS and SBCS, C after a shift by zero): the two may take turns.
 *
 * In the text, `r0`...`r14` are registers as signed 32-bit numbers; N is the sign of `n`, Z says `z` is zero, C is a boolean and V is
 * the sign of `v`. `left` is the cycles that may still pass, less those of this block up to here.
 */
export interface Instruction {
  readonly bytes: 2 | 4;
  /** Cycles when memory answers at once; a taken branch takes one more. */
  readonly cycles: number;
  /** Cycles a slow peripheral may add. */
  readonly waits: number;
  readonly reads: number;
  readonly writes: number;
  readonly text: (at: Place) => string;
  /** How it goes on, other than with the next instruction; `condition` is JavaScript, absent: always. */
  readonly branch?: { readonly target: number; readonly condition?: string };
  /** The target is known at run time only: the text sets `pc`. */
  readonly leaves?: true;
}

/** Where an instruction stands. */
export interface Place {
  /** Flags that somebody reads before they are set again. */
  readonly live: number;
  /** JavaScript that leaves before this instruction, for the interpreter to carry it out. */
  readonly bail: string;
  /** JavaScript that leaves behind this instruction. */
  readonly leave: string;
  /** JavaScript for the clock's cycles at the start of this instruction. */
  readonly now: string;
}

export const flag = { n: 1, z: 2, c: 4, v: 8 } as const;
const { n: N, z: Z, c: C, v: V } = flag;
const all = N | Z | C | V;

type Rest = Partial<Omit<Instruction, 'text'>>;
const make = (text: (at: Place) => string, rest: Rest = {}): Instruction => ({
  bytes: 2,
  cycles: 1,
  waits: 0,
  reads: 0,
  writes: 0,
  text,
  ...rest,
});

/** N and Z of a result that is in `x`. */
const nz = ({ live }: Place): string => `${live & N ? 'n=x;' : ''}${live & Z ? 'z=x;' : ''}`;
const into = (d: number | undefined): string => (d === undefined ? '' : `r${d}=x;`);

/** x = a + b. */
const add = (d: number | undefined, a: string, b: string): Instruction =>
  make(
    (at) =>
      `p=${a};q=${b};x=(p+q)|0;${nz(at)}${at.live & C ? 'c=(p>>>0)+(q>>>0)>4294967295;' : ''}${at.live & V ? 'v=(p^x)&(q^x);' : ''}${into(d)}`,
    { writes: all },
  );
/** x = a - b. */
const subtract = (d: number | undefined, a: string, b: string): Instruction =>
  make(
    (at) =>
      `p=${a};q=${b};x=(p-q)|0;${nz(at)}${at.live & C ? 'c=(p>>>0)>=(q>>>0);' : ''}${at.live & V ? 'v=(p^q)&(p^x);' : ''}${into(d)}`,
    { writes: all },
  );
const logic = (d: number | undefined, value: string): Instruction =>
  make((at) => `x=${value};${nz(at)}${into(d)}`, { writes: N | Z });
/** A shift: x of p by q, and its carry; without one, C stays. */
const shift = (d: number, p: string, q: string, value: string, carry: string | undefined): Instruction =>
  make(
    (at) => `p=${p};q=${q};x=${value};${nz(at)}${carry && at.live & C ? `c=${carry};` : ''}${into(d)}`,
    carry?.includes(':c') ? { writes: N | Z, reads: C } : { writes: carry ? N | Z | C : N | Z },
  );
const move = (d: number, value: string): Instruction => make(() => `r${d}=${d === 13 ? `(${value})&~3` : value};`);

const size = { 4: ['i32', '>>2', 3, '32'], 2: ['u16', '>>1', 1, '16'], 1: ['u8', '', 0, '8'] } as const;
/** Start and end of SRAM as the fast path sees it: offset `t`, unsigned below the last place a value of this size fits. */
const inSram = (bytes: 1 | 2 | 4): string =>
  `(t>>>0)<=${264 * 1024 - bytes}${bytes > 1 ? `&&(t&${size[bytes][2]})===0` : ''}`;

function load(d: number, address: string, bytes: 1 | 2 | 4, signed = false): Instruction {
  const [array, index, , bits] = size[bytes];
  const from = signed ? array.replace('u', 'i') : array;
  const slow = `S.read${bits}`;
  const widened = (value: string): string => (signed ? `${value}<<${32 - 8 * bytes}>>${32 - 8 * bytes}` : `${value}|0`);
  return make(
    ({ now, leave }) =>
      `a=(${address})|0;t=a-536870912;if(${inSram(bytes)})r${d}=${from}[t${index}];` +
      `else{r${d}=${widened(`${slow}(a>>>0,${now})`)};left-=S.extra;if(core.interruptsUpdated)${leave}}`,
    { cycles: 2, waits: 2 },
  );
}

function store(d: number, address: string, bytes: 1 | 2 | 4): Instruction {
  const [array, index, , bits] = size[bytes];
  return make(
    ({ now, leave }) =>
      `a=(${address})|0;t=a-536870912;if(${inSram(bytes)}&&code[t>>2]===0)${array}[t${index}]=r${d};` +
      `else{S.write${bits}(a>>>0,r${d}>>>0,${now});left-=S.extra;${leave}}`,
    { cycles: 2, waits: 3 },
  );
}

const listed = (bits: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => bits & (1 << i));
/** Several words from `t` on, all in SRAM, or the interpreter does it; stores stay away from code. */
const several = (words: number, at: Place, stores: boolean): string =>
  `if((t>>>0)>${264 * 1024 - 4 * words}||t&3${stores ? `||(t<S.codeEnd&&t+${4 * words}>S.codeStart)` : ''})${at.bail}`;

function push(low: number[], link: boolean): Instruction {
  const words = low.length + (link ? 1 : 0);
  const names = [...low.map((i) => `r${i}`), ...(link ? ['r14'] : [])];
  return make(
    (at) =>
      `t=r13-${4 * words}-536870912;${several(words, at, true)}t>>=2;${names.map((r, i) => `i32[t+${i}]=${r};`).join('')}r13=(r13-${4 * words})&~3;`,
    // rp2040js counts no cycle for the link register.
    { cycles: 1 + low.length },
  );
}

function pop(low: number[], toPc: boolean): Instruction {
  const words = low.length + (toPc ? 1 : 0);
  const body = low.map((i, k) => `r${i}=i32[t+${k}];`).join('');
  const leave = toPc ? `x=i32[t+${low.length}];` : '';
  return make(
    (at) =>
      `t=r13-536870912;${several(words, at, false)}t>>=2;${leave}` +
      // The return from an exception is the interpreter's.
      `${toPc ? `if(x>>>28===15)${at.bail}` : ''}${body}r13=(r13+${4 * words})&~3;${toPc ? 'pc=x&~1;' : ''}`,
    { cycles: 1 + low.length + (toPc ? 2 : 0), ...(toPc && { leaves: true as const, reads: all }) },
  );
}

function loadMany(base: number, low: number[]): Instruction {
  const back = low.includes(base) ? '' : `r${base}=(r${base}+${4 * low.length})|0;`;
  // The base may be overwritten on the way: it is in `t` by then.
  return make(
    (at) =>
      `t=r${base}-536870912;${several(low.length, at, false)}t>>=2;${low.map((i, k) => `r${i}=i32[t+${k}];`).join('')}${back}`,
    { cycles: 1 + low.length },
  );
}

function storeMany(base: number, low: number[]): Instruction {
  const back = low.includes(base) ? '' : `r${base}=(r${base}+${4 * low.length})|0;`;
  return make(
    (at) =>
      `t=r${base}-536870912;${several(low.length, at, true)}t>>=2;${low.map((i, k) => `i32[t+${k}]=r${i};`).join('')}${back}`,
    { cycles: 1 + low.length },
  );
}

const conditions: readonly [condition: string, reads: number][] = [
  ['z===0', Z],
  ['c', C],
  ['n<0', N],
  ['v<0', V],
  ['(c&&z!==0)', C | Z],
  ['(n^v)>=0', N | V],
  ['((n^v)>=0&&z!==0)', N | V | Z],
];

/** Instruction at `pc`, or undefined where it is left to the interpreter: rare ones, and those that change more than registers. */
export function decode(op: number, op2: number, pc: number): Instruction | undefined {
  const d = op & 7;
  const m = (op >> 3) & 7;
  const o = (op >> 6) & 7;
  const imm5 = (op >> 6) & 31;
  const imm8 = op & 255;
  const d8 = (op >> 8) & 7;
  switch (op >> 11) {
    case 0b00000:
      return imm5
        ? shift(d, `r${m}`, `${imm5}`, 'p<<q', '((p>>>(32-q))&1)===1')
        : shift(d, `r${m}`, '0', 'p', undefined);
    case 0b00001:
      return shift(d, `r${m}`, `${imm5}`, imm5 ? '(p>>>q)|0' : '0', `((p>>>${imm5 ? imm5 - 1 : 31})&1)===1`);
    case 0b00010:
      return shift(d, `r${m}`, `${imm5 || 32}`, imm5 ? 'p>>q' : 'p>>31', `((p>>>${(imm5 || 32) - 1})&1)===1`);
    case 0b00011: {
      const operand = op & 0x400 ? `${o}` : `r${o}`;
      return op & 0x200 ? subtract(d, `r${m}`, operand) : add(d, `r${m}`, operand);
    }
    case 0b00100:
      return logic(d8, `${imm8}`);
    case 0b00101:
      return subtract(undefined, `r${d8}`, `${imm8}`);
    case 0b00110:
      return add(d8, `r${d8}`, `${imm8}`);
    case 0b00111:
      return subtract(d8, `r${d8}`, `${imm8}`);
    case 0b01000:
      return op & 0x400 ? high(op, pc) : dataProcessing((op >> 6) & 15, d, m);
    case 0b01001:
      return literal(d8, ((pc + 4) & ~3) + 4 * imm8);
    case 0b01010:
    case 0b01011:
      return byRegister((op >> 9) & 7, d, `r${m}+r${o}`);
    case 0b01100:
      return store(d, `r${m}+${4 * imm5}`, 4);
    case 0b01101:
      return load(d, `r${m}+${4 * imm5}`, 4);
    case 0b01110:
      return store(d, `r${m}+${imm5}`, 1);
    case 0b01111:
      return load(d, `r${m}+${imm5}`, 1);
    case 0b10000:
      return store(d, `r${m}+${2 * imm5}`, 2);
    case 0b10001:
      return load(d, `r${m}+${2 * imm5}`, 2);
    case 0b10010:
      return store(d8, `r13+${4 * imm8}`, 4);
    case 0b10011:
      return load(d8, `r13+${4 * imm8}`, 4);
    case 0b10100:
      return move(d8, `${(((pc & ~3) + 4 + 4 * imm8) | 0).toString()}`);
    case 0b10101:
      return move(d8, `(r13+${4 * imm8})|0`);
    case 0b10110:
    case 0b10111:
      return miscellaneous(op, d, m);
    case 0b11000:
      return imm8 ? storeMany(d8, listed(imm8)) : undefined;
    case 0b11001:
      return imm8 ? loadMany(d8, listed(imm8)) : undefined;
    case 0b11010:
    case 0b11011:
      return conditional(op, pc);
    case 0b11100:
      return make(() => '', { branch: { target: (pc + 4 + (((op & 0x7ff) << 21) >> 20)) >>> 0 }, cycles: 1 });
    case 0b11110:
      return op2 >> 14 === 3 && (op2 >> 12) & 1 ? call(op, op2, pc) : undefined;
    default:
      return undefined;
  }
}

function conditional(op: number, pc: number): Instruction | undefined {
  const number = (op >> 8) & 15;
  const known = conditions[number >> 1];
  if (!known) return undefined;
  const [yes, reads] = known;
  const condition = number & 1 ? `!(${yes})` : yes;
  return make(() => '', { reads, branch: { target: (pc + 4 + ((op << 24) >> 23)) >>> 0, condition } });
}

function call(op: number, op2: number, pc: number): Instruction {
  const s = (op >> 10) & 1;
  const i1 = 1 - (s ^ ((op2 >> 13) & 1));
  const i2 = 1 - (s ^ ((op2 >> 11) & 1));
  const offset = (s ? 0xff << 24 : 0) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) | ((op2 & 0x7ff) << 1);
  const target = (pc + 4 + offset) >>> 0;
  return make(() => `r14=${((pc + 4) | 1) >> 0};pc=${target};`, { bytes: 4, cycles: 3, leaves: true, reads: all });
}

/** ADD, CMP, MOV, BX and BLX of any register; what writes the program counter otherwise is rare. */
function high(op: number, pc: number): Instruction | undefined {
  const m = (op >> 3) & 15;
  const d = ((op >> 4) & 8) | (op & 7);
  const kind = (op >> 8) & 3;
  if (kind === 3) {
    // BLX LR: rp2040js sets the link before it reads the target. Nobody writes that, but the two must agree.
    if (m === 15 || op & 7 || (m === 14 && op & 0x80)) return undefined;
    const link = op & 0x80 ? `r14=${((pc + 2) | 1) >> 0};` : '';
    // BLX keeps no exception return; BX does, and leaves it to the interpreter.
    return make(({ bail }) => `x=r${m};${link ? '' : `if(x>>>28===15)${bail}`}${link}pc=x&~1;`, {
      cycles: 2,
      leaves: true,
      reads: all,
    });
  }
  if (d === 15 || (m === 15 && kind === 1)) return undefined;
  const value = m === 15 ? `${(pc + 4) | 0}` : `r${m}`;
  if (kind === 0) return move(d, `(r${d}+${value})|0`);
  return kind === 1 ? subtract(undefined, `r${d}`, value) : move(d, value);
}

function dataProcessing(kind: number, d: number, m: number): Instruction {
  const [a, b] = [`r${d}`, `r${m}`];
  switch (kind) {
    case 0:
      return logic(d, `${a}&${b}`);
    case 1:
      return logic(d, `${a}^${b}`);
    case 2:
      return shift(d, a, `${b}&255`, 'q>=32?0:p<<q', 'q?(p&(1<<(32-q)))!==0:c');
    case 3:
      return shift(d, a, `${b}&255`, 'q<32?(p>>>q)|0:0', 'q<=32&&((p>>>(q-1))&1)===1');
    case 4:
      return shift(d, a, `Math.min(${b}&255,32)`, 'q<32?p>>q:p>>31', '(p&(1<<(q-1)))!==0');
    case 5:
      return make(
        (at) =>
          `p=${b};y=(${a}>>>0)+(c?1:0);x=((p>>>0)+y)|0;${nz(at)}${at.live & V ? 'v=x===p+(y|0)?0:-1;' : ''}${at.live & C ? 'c=(p>>>0)+y>4294967295;' : ''}r${d}=x;`,
        { reads: C, writes: all },
      );
    case 6:
      return make(
        (at) =>
          `p=${a};y=(${b}>>>0)+(c?0:1);x=((p>>>0)-y)|0;${nz(at)}${at.live & V ? 'v=(p^y)&(p^x);' : ''}${at.live & C ? 'c=(p>>>0)>=y;' : ''}r${d}=x;`,
        { reads: C, writes: all },
      );
    case 7:
      return shift(d, a, `${b}&31`, '(p>>>q)|(p<<(32-q))', 'x<0');
    case 8:
      return logic(undefined, `${a}&${b}`);
    case 9:
      return subtract(d, '0', b);
    case 10:
      return subtract(undefined, a, b);
    case 11:
      return add(undefined, a, b);
    case 12:
      return logic(d, `${a}|${b}`);
    case 13:
      return logic(d, `Math.imul(${a},${b})`);
    case 14:
      return logic(d, `${a}&~${b}`);
    default:
      return logic(d, `~${b}`);
  }
}

/** A word of the program: in SRAM it is read in place, elsewhere the interpreter does it. */
function literal(d: number, address: number): Instruction | undefined {
  const t = address - 0x2000_0000;
  return t >= 0 && t < 264 * 1024 ? make(() => `r${d}=i32[${t >> 2}];`, { cycles: 2 }) : load(d, `${address | 0}`, 4);
}

/** STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH. */
function byRegister(kind: number, d: number, address: string): Instruction {
  const bytes = ([4, 2, 1, 1, 4, 2, 1, 2] as const)[kind as 0];
  return kind < 3 ? store(d, address, bytes) : load(d, address, bytes, kind === 3 || kind === 7);
}

function miscellaneous(op: number, d: number, m: number): Instruction | undefined {
  const imm7 = 4 * (op & 127);
  if (op >> 7 === 0b101100000) return move(13, `r13+${imm7}`);
  if (op >> 7 === 0b101100001) return move(13, `r13-${imm7}`);
  if (op >> 9 === 0b1011010 && op & 511) return push(listed(op), (op & 256) !== 0);
  if (op >> 9 === 0b1011110 && op & 511) return pop(listed(op), (op & 256) !== 0);
  if (op === 0xbf00) return make(() => '');
  const r = `r${m}`;
  const unary: Record<number, string> = {
    712: `${r}<<16>>16`,
    713: `${r}<<24>>24`,
    714: `${r}&65535`,
    715: `${r}&255`,
    744: `(${r}<<24)|((${r}>>8&255)<<16)|((${r}>>16&255)<<8)|(${r}>>>24)`,
    745: `((${r}>>16&255)<<24)|((${r}>>>24)<<16)|((${r}&255)<<8)|(${r}>>8&255)`,
    747: `(((${r}&255)<<8)|(${r}>>8&255))<<16>>16`,
  };
  const value = unary[op >> 6];
  return value === undefined ? undefined : move(d, value);
}
