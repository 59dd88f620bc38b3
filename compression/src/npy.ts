import { LabError } from '@hilltop/contracts';
import { sizeOf } from './sizes.js';

/** One array of an .npy file: little-endian, C order. */
export interface NpyArray {
  /** numpy's type string, e.g. `<f4`. */
  readonly dtype: NpyType;
  readonly dims: readonly number[];
  /** Raw elements: a view into the file. */
  readonly data: Uint8Array;
}

/** Accepted element types and their bytes. 'O' (pickled objects) would run code of the file's author; it is not here. */
const npyBytes = {
  '|b1': 1,
  '|u1': 1,
  '|i1': 1,
  '<u2': 2,
  '<i2': 2,
  '<u4': 4,
  '<i4': 4,
  '<u8': 8,
  '<i8': 8,
  '<f4': 4,
  '<f8': 8,
} as const;
export type NpyType = keyof typeof npyBytes;

const isNpyType = (text: string): text is NpyType => Object.hasOwn(npyBytes, text);

const maxHeader = 4096;
const maxElements = 2 ** 40;

/** Parses an untrusted .npy file. Throws `data.not-npz`, `data.dtype`, `data.shape-mismatch`. */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const bad = (why: string): LabError =>
    new LabError('data.not-npz', `array ${name} is not an .npy file: ${why}`, { array: name });
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((b, i) => bytes[i] !== b)) throw bad('wrong magic');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw bad(`version ${major} is unknown`);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeader) throw bad(`its header is longer than ${maxHeader} bytes`);
  if (start + length > bytes.length) throw bad('its header is cut');
  const header = new HeaderParser(new TextDecoder('latin1').decode(bytes.subarray(start, start + length)), bad).parse();
  if (!isNpyType(header.descr)) {
    throw new LabError(
      'data.dtype',
      `array ${name} is of type ${JSON.stringify(header.descr.slice(0, 20))}; accepted are ${Object.keys(npyBytes).join(' ')}: convert it with astype`,
      {
        array: name,
        dtype: header.descr.slice(0, 20),
      },
    );
  }
  if (header.fortranOrder && header.shape.length > 1) {
    throw new LabError(
      'data.shape-mismatch',
      `array ${name} is in Fortran order: save numpy.ascontiguousarray(${name})`,
      { array: name },
    );
  }
  const elements = sizeOf(header.shape);
  const want = elements * npyBytes[header.descr];
  const data = bytes.subarray(start + length);
  if (elements > maxElements || data.length !== want) {
    throw new LabError(
      'data.shape-mismatch',
      `array ${name} of shape (${header.shape.join(', ')}) needs ${want} bytes, the file has ${data.length}`,
      { array: name },
    );
  }
  return { dtype: header.descr, dims: header.shape, data };
}

interface NpyHeader {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
}

/** Parser of the one Python literal numpy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }. */
class HeaderParser {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly bad: (why: string) => LabError,
  ) {}

  parse(): NpyHeader {
    const found: Partial<NpyHeader> = {};
    this.expect('{');
    while (!this.take('}')) {
      const key = this.string();
      this.expect(':');
      if (key === 'descr' && found.descr === undefined) found.descr = this.descr();
      else if (key === 'fortran_order' && found.fortranOrder === undefined) found.fortranOrder = this.boolean();
      else if (key === 'shape' && found.shape === undefined) found.shape = this.shape();
      else throw this.bad(`unexpected key ${JSON.stringify(key.slice(0, 40))} in its header`);
      if (!this.take(',') && this.peek() !== '}') throw this.bad('its header is malformed');
    }
    if (this.peek() !== '') throw this.bad('its header goes on behind the dictionary');
    const { descr, fortranOrder, shape } = found;
    if (descr === undefined || fortranOrder === undefined || shape === undefined)
      throw this.bad('its header lacks a key');
    return { descr, fortranOrder, shape };
  }

  private peek(): string {
    while (this.at < this.text.length && ' \n\t\r'.includes(this.text[this.at]!)) this.at++;
    return this.text[this.at] ?? '';
  }

  private take(symbol: string): boolean {
    if (this.peek() !== symbol) return false;
    this.at++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.take(symbol)) throw this.bad('its header is malformed');
  }

  private string(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') throw this.bad('its header is malformed');
    const end = this.text.indexOf(quote, this.at + 1);
    if (end < 0) throw this.bad('its header is malformed');
    const value = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return value;
  }

  /** A structured type is a list; it is named so that the error says what to change. */
  private descr(): string {
    return this.peek() === '[' ? this.structured() : this.string();
  }

  private structured(): string {
    throw new LabError('data.dtype', 'arrays with named fields are not accepted: save one plain array each');
  }

  private boolean(): boolean {
    this.peek();
    for (const [word, value] of [
      ['True', true],
      ['False', false],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    throw this.bad('its header is malformed');
  }

  private shape(): number[] {
    const dims: number[] = [];
    this.expect('(');
    while (!this.take(')')) {
      const negative = this.take('-');
      let digits = '';
      for (
        this.peek();
        this.at < this.text.length && this.text[this.at]! >= '0' && this.text[this.at]! <= '9';
        this.at++
      )
        digits += this.text[this.at];
      // Fifteen digits stay exact; what is longer cannot lie in a file.
      if (digits === '' || digits.length > 15) throw this.bad('its shape is malformed');
      if (negative) throw new LabError('data.shape-mismatch', 'a dimension is negative');
      if (dims.push(Number(digits)) > 32) throw this.bad('it has more than 32 dimensions');
      if (!this.take(',') && this.peek() !== ')') throw this.bad('its shape is malformed');
    }
    return dims;
  }
}

/** Elements as numbers. 64-bit integers beyond 2^53 lose their last digits. */
export function npyNumbers(array: NpyArray): Float64Array {
  const { data } = array;
  const width = npyBytes[array.dtype];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read: Record<NpyType, (at: number) => number> = {
    '|b1': (at) => view.getUint8(at),
    '|u1': (at) => view.getUint8(at),
    '|i1': (at) => view.getInt8(at),
    '<u2': (at) => view.getUint16(at, true),
    '<i2': (at) => view.getInt16(at, true),
    '<u4': (at) => view.getUint32(at, true),
    '<i4': (at) => view.getInt32(at, true),
    '<u8': (at) => Number(view.getBigUint64(at, true)),
    '<i8': (at) => Number(view.getBigInt64(at, true)),
    '<f4': (at) => view.getFloat32(at, true),
    '<f8': (at) => view.getFloat64(at, true),
  };
  const at = read[array.dtype];
  return Float64Array.from({ length: data.length / width }, (_, i) => at(i * width));
}
