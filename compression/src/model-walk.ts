import { LabError } from '@hilltop/contracts';
import { limits, MessageReader, notOnnx, type Span } from './message-reader.js';
import { elementTypes, type MessageName } from './onnx-schema.js';
import { checkTensorSize } from './tensor-size.js';
import { countPackedVarints, type WireField, wire } from './wire.js';

/** A graph input or output as the file describes it. */
export interface ValueSeen {
  name: string;
  type: string;
  dims: (number | string)[];
}

interface TensorSeen {
  name: string;
  elements: number;
  weight: boolean;
}

const external = (name: string): LabError =>
  new LabError(
    'model.external-data',
    `tensor ${name} keeps its data in another file: save the model as one self-contained file`,
    { tensor: name },
  );

/** One walk over one file. Throws what `checkModel` documents; afterwards its fields hold what was seen. */
export class ModelWalk {
  producer = '';
  nodes = 0;
  parameters = 0;
  readonly opsets: { domain: string; version: number }[] = [];
  readonly inputs: ValueSeen[] = [];
  readonly outputs: ValueSeen[] = [];
  /** Names of the main graph's initializers. */
  readonly initializers = new Set<string>();
  /** Domain -> operator types used, anywhere. */
  readonly domains = new Map<string, Set<string>>();
  /** `domain:name` of the functions the model brings itself. */
  readonly functions = new Set<string>();
  private tensors = 0;
  private readonly reader: MessageReader;

  constructor(private readonly bytes: Uint8Array) {
    this.reader = new MessageReader(bytes);
  }

  get irVersion(): number {
    return this.reader.irVersion;
  }

  run(): void {
    let graphs = 0;
    this.fields('model', { start: 0, end: this.bytes.length }, 0, (field) => {
      // A newer ONNX may add fields, but not numbers like those that noise makes.
      if (field.number > 100) throw notOnnx('its first fields are not those of a model');
      if (field.number === 1) this.reader.irVersion = this.reader.integer(field);
      else if (field.number === 2) this.producer = this.reader.text(field).slice(0, 200);
      else if (field.number === 7) {
        graphs++;
        this.graph(field, 1, true);
      } else if (field.number === 8) this.opset(field);
      else if (field.number === 25) this.modelFunction(field);
      else return false;
      return true;
    });
    if (this.irVersion < 1) throw notOnnx('it states no IR version');
    if (graphs === 0) throw this.reader.truncated();
    // From IR 3 on the operator sets are stated, behind the graph: without them the file's end is missing.
    if (this.opsets.length === 0 && this.irVersion >= 3) throw this.reader.truncated();
  }

  /** Walks a message; `own` handles the fields it knows and returns true, all others are walked by the table. */
  private fields(name: MessageName, at: Span, depth: number, own: (field: WireField) => boolean): void {
    this.reader.fields(name, at, depth, (field, child) => {
      if (!own(field) && child !== undefined) this.message(child, field, depth + 1);
    });
  }

  private message(name: MessageName, field: WireField, depth: number): void {
    if (name === 'graph') this.graph(field, depth, false);
    else if (name === 'node') this.node(field, depth);
    else if (name === 'tensor') this.tensor(field, depth);
    else if (name === 'attribute') this.attribute(field, depth);
    else if (name === 'segment') throw notOnnx('a tensor is stored in segments');
    else this.fields(name, field, depth, () => false);
  }

  private graph(at: WireField, depth: number, main: boolean): void {
    this.fields('graph', at, depth, (field) => {
      if (field.number === 5) {
        const tensor = this.tensor(field, depth + 1);
        if (main) this.initializers.add(tensor.name);
        if (tensor.weight) this.parameters += tensor.elements;
      } else if (main && field.number === 11) this.inputs.push(this.value(field, depth + 1));
      else if (main && field.number === 12) this.outputs.push(this.value(field, depth + 1));
      else return false;
      return true;
    });
  }

  private node(at: WireField, depth: number): void {
    if (++this.nodes > limits.nodes) throw this.reader.tooComplex(`has more than ${limits.nodes} nodes`);
    let opType = '';
    let domain = '';
    let constant = 0;
    this.fields('node', at, depth, (field) => {
      if (field.number === 4) opType = this.reader.text(field);
      else if (field.number === 7) domain = this.reader.text(field);
      else if (field.number === 5) constant += this.attribute(field, depth + 1);
      else return false;
      return true;
    });
    const used = this.domains.get(domain);
    if (used) used.add(opType);
    else this.domains.set(domain, new Set([opType]));
    if (opType === 'Constant') this.parameters += constant;
  }

  /** Returns the number of weights in the attribute's tensor. */
  private attribute(at: WireField, depth: number): number {
    let weights = 0;
    this.fields('attribute', at, depth, (field) => {
      if (field.number === 5) {
        const tensor = this.tensor(field, depth + 1);
        if (tensor.weight) weights += tensor.elements;
        return true;
      }
      if (field.number === 8 && field.type === wire.bytes)
        this.reader.count(countPackedVarints(this.bytes, field.start, field.end));
      return false;
    });
    return weights;
  }

  private tensor(at: WireField, depth: number): TensorSeen {
    if (++this.tensors > limits.tensors) throw this.reader.tooComplex(`has more than ${limits.tensors} tensors`);
    const dims: number[] = [];
    let type = 0;
    let name = '';
    let raw: number | undefined;
    let isExternal = false;
    // Typed field number -> values in it.
    const typed = new Map<number, number>();
    const add = (field: number, count: number): void => {
      typed.set(field, (typed.get(field) ?? 0) + count);
    };
    this.fields('tensor', at, depth, (field) => {
      const packed = field.type === wire.bytes;
      switch (field.number) {
        case 1:
          if (packed) dims.push(...this.reader.packed(field));
          else dims.push(this.reader.integer(field));
          if (dims.length > limits.dims)
            throw this.reader.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
          return true;
        case 2:
          type = this.reader.integer(field);
          return true;
        case 4:
          add(4, packed ? (field.end - field.start) / 4 : this.reader.fixed(field, wire.fixed32));
          return true;
        case 10:
          add(10, packed ? (field.end - field.start) / 8 : this.reader.fixed(field, wire.fixed64));
          return true;
        case 5:
        case 7:
        case 11: {
          const count = packed
            ? countPackedVarints(this.bytes, field.start, field.end)
            : this.reader.fixed(field, wire.varint);
          this.reader.count(count);
          add(field.number, count);
          return true;
        }
        case 6:
          if (!packed) throw notOnnx('a string has a wrong wire type');
          add(6, 1);
          return true;
        case 8:
          name = this.reader.text(field);
          return true;
        case 9:
          if (!packed) throw notOnnx('tensor data has a wrong wire type');
          raw = field.end - field.start;
          return true;
        case 13:
          isExternal = true;
          return false;
        case 14:
          isExternal ||= this.reader.integer(field) !== 0;
          return true;
        default:
          return false;
      }
    });
    if (isExternal) throw external(name);
    return { name, ...checkTensorSize({ name, dims, type, raw, typed }) };
  }

  private value(at: WireField, depth: number): ValueSeen {
    const value: ValueSeen = { name: '', type: 'unknown', dims: [] };
    const inside = (
      name: MessageName,
      field: WireField,
      level: number,
      own: (field: WireField) => boolean,
    ): boolean => {
      this.fields(name, field, level, own);
      return true;
    };
    const dim = (field: WireField): boolean => {
      let size: number | string = '';
      inside('dim', field, depth + 4, (f) => {
        if (f.number === 1) size = this.reader.integer(f);
        else if (f.number === 2) size = this.reader.text(f);
        else return false;
        return true;
      });
      if (typeof size === 'number' && size < 0)
        throw new LabError('model.tensor-size', `${value.name}: a dimension is negative`, { tensor: value.name });
      if (value.dims.push(size) > limits.dims)
        throw this.reader.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
      return true;
    };
    const tensorType = (field: WireField): boolean => {
      if (field.number === 1) value.type = elementTypes[this.reader.integer(field)]?.name ?? 'unknown';
      else if (field.number === 2) return inside('shape', field, depth + 3, (f) => f.number === 1 && dim(f));
      else return false;
      return true;
    };
    this.fields('value', at, depth, (field) => {
      if (field.number === 1) value.name = this.reader.text(field);
      else if (field.number === 2)
        return inside(
          'type',
          field,
          depth + 1,
          (f) => f.number === 1 && inside('tensorType', f, depth + 2, tensorType),
        );
      else return false;
      return true;
    });
    return value;
  }

  private opset(at: WireField): void {
    const opset = { domain: '', version: 0 };
    this.fields('opset', at, 1, (field) => {
      if (field.number === 1) opset.domain = this.reader.text(field);
      else if (field.number === 2) opset.version = this.reader.integer(field);
      else return false;
      return true;
    });
    if (this.opsets.push(opset) > 1000) throw this.reader.tooComplex('imports more than 1000 operator sets');
  }

  private modelFunction(at: WireField): void {
    let name = '';
    let domain = '';
    this.fields('function', at, 1, (field) => {
      if (field.number === 1) name = this.reader.text(field);
      else if (field.number === 10) domain = this.reader.text(field);
      else return false;
      return true;
    });
    this.functions.add(`${domain}:${name}`);
  }
}
