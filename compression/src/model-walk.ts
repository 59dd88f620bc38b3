import { LabError } from '@hilltop/contracts';
import { elementTypes, type MessageName, type MessageShape, messageShapes } from './onnx-schema.js';
import { checkTensorSize } from './tensor-size.js';
import { countPackedVarints, readFields, readPackedVarints, wire, type WireField } from './wire.js';

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

/**
 * Limits of what a file may hold. Small messages cost a decoder 50 times their bytes, so their number is capped too;
 * the largest real models seen have 6,000 nodes.
 */
const limits = { depth: 64, nodes: 200_000, tensors: 100_000, messages: 2_000_000, values: 20_000_000, dims: 64 };

const notOnnx = (why: string): LabError => new LabError('model.not-onnx', `not an ONNX model: ${why}`);
const external = (name: string): LabError =>
  new LabError('model.external-data', `tensor ${name} keeps its data in another file: save the model as one self-contained file`, { tensor: name });

const decoder = new TextDecoder();

/** One walk over one file. Throws what `checkModel` documents; afterwards its fields hold what was seen. */
export class ModelWalk {
  irVersion = 0;
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
  private messages = 0;
  private values = 0;

  constructor(private readonly bytes: Uint8Array) {}

  run(): void {
    let graphs = 0;
    this.fields('model', 0, this.bytes.length, 0, (field) => {
      // A newer ONNX may add fields, but not numbers like those that noise makes.
      if (field.number > 100) throw notOnnx('its first fields are not those of a model');
      if (field.number === 1) this.irVersion = this.integer(field);
      else if (field.number === 2) this.producer = this.text(field).slice(0, 200);
      else if (field.number === 7) {
        graphs++;
        this.graph(field, 1, true);
      } else if (field.number === 8) this.opset(field);
      else if (field.number === 25) this.modelFunction(field);
      else return false;
      return true;
    });
    if (this.irVersion < 1) throw notOnnx('it states no IR version');
    if (graphs === 0) throw this.truncated();
    // From IR 3 on the operator sets are stated, behind the graph: without them the file's end is missing.
    if (this.opsets.length === 0 && this.irVersion >= 3) throw this.truncated();
  }

  private truncated(): LabError {
    return new LabError('model.truncated', `the model is cut off after ${this.bytes.length} bytes: upload it again`);
  }

  /**
   * Walks the fields of a message; `own` handles those it knows and returns true, all others are walked by the table.
   */
  private fields(name: MessageName, start: number, end: number, depth: number, own: (field: WireField) => boolean): void {
    if (depth > limits.depth) throw this.tooComplex(`is nested deeper than ${limits.depth} messages`);
    if (++this.messages > limits.messages) throw this.tooComplex(`has more than ${limits.messages} parts`);
    const shape: MessageShape = messageShapes[name];
    let seen = 0;
    // Only the outermost message can be cut by the file's end; a field that leaves an inner message is a lie.
    const cut = (): LabError => (depth === 0 && this.irVersion > 0 ? this.truncated() : notOnnx('a field runs past its message'));
    for (const field of readFields(this.bytes, start, end, cut)) {
      this.count(1);
      if (shape.once.includes(field.number)) {
        const bit = 1 << field.number;
        if (seen & bit) throw notOnnx(`field ${field.number} of a ${name} occurs twice`);
        seen |= bit;
      }
      const child = shape.children[field.number];
      if (child !== undefined && field.type !== wire.bytes) throw notOnnx(`field ${field.number} of a ${name} has a wrong wire type`);
      if (own(field) || child === undefined) continue;
      this.message(child, field, depth + 1);
    }
  }

  private message(name: MessageName, field: WireField, depth: number): void {
    if (name === 'graph') this.graph(field, depth, false);
    else if (name === 'node') this.node(field, depth);
    else if (name === 'tensor') this.tensor(field, depth);
    else if (name === 'attribute') this.attribute(field, depth);
    else if (name === 'segment') throw notOnnx('a tensor is stored in segments');
    else this.fields(name, field.start, field.end, depth, () => false);
  }

  private graph(at: WireField, depth: number, main: boolean): void {
    this.fields('graph', at.start, at.end, depth, (field) => {
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
    if (++this.nodes > limits.nodes) throw this.tooComplex(`has more than ${limits.nodes} nodes`);
    let opType = '';
    let domain = '';
    let constant = 0;
    this.fields('node', at.start, at.end, depth, (field) => {
      if (field.number === 4) opType = this.text(field);
      else if (field.number === 7) domain = this.text(field);
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
    this.fields('attribute', at.start, at.end, depth, (field) => {
      if (field.number === 5) {
        const tensor = this.tensor(field, depth + 1);
        if (tensor.weight) weights += tensor.elements;
        return true;
      }
      if (field.number === 8 && field.type === wire.bytes) this.count(countPackedVarints(this.bytes, field.start, field.end));
      return false;
    });
    return weights;
  }

  private tensor(at: WireField, depth: number): TensorSeen {
    if (++this.tensors > limits.tensors) throw this.tooComplex(`has more than ${limits.tensors} tensors`);
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
    this.fields('tensor', at.start, at.end, depth, (field) => {
      const packed = field.type === wire.bytes;
      switch (field.number) {
        case 1:
          if (packed) dims.push(...this.packed(field));
          else dims.push(this.integer(field));
          if (dims.length > limits.dims) throw this.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
          return true;
        case 2:
          type = this.integer(field);
          return true;
        case 4:
          add(4, packed ? (field.end - field.start) / 4 : this.fixed(field, wire.fixed32));
          return true;
        case 10:
          add(10, packed ? (field.end - field.start) / 8 : this.fixed(field, wire.fixed64));
          return true;
        case 5:
        case 7:
        case 11: {
          const count = packed ? countPackedVarints(this.bytes, field.start, field.end) : this.fixed(field, wire.varint);
          this.count(count);
          add(field.number, count);
          return true;
        }
        case 6:
          if (!packed) throw notOnnx('a string has a wrong wire type');
          add(6, 1);
          return true;
        case 8:
          name = this.text(field);
          return true;
        case 9:
          if (!packed) throw notOnnx('tensor data has a wrong wire type');
          raw = field.end - field.start;
          return true;
        case 13:
          isExternal = true;
          return false;
        case 14:
          isExternal ||= this.integer(field) !== 0;
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
    const inside = (name: MessageName, field: WireField, level: number, own: (field: WireField) => boolean): boolean => {
      this.fields(name, field.start, field.end, level, own);
      return true;
    };
    const dim = (field: WireField): boolean => {
      let size: number | string = '';
      inside('dim', field, depth + 4, (f) => {
        if (f.number === 1) size = this.integer(f);
        else if (f.number === 2) size = this.text(f);
        else return false;
        return true;
      });
      if (typeof size === 'number' && size < 0) throw new LabError('model.tensor-size', `${value.name}: a dimension is negative`, { tensor: value.name });
      if (value.dims.push(size) > limits.dims) throw this.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
      return true;
    };
    const tensorType = (field: WireField): boolean => {
      if (field.number === 1) value.type = elementTypes[this.integer(field)]?.name ?? 'unknown';
      else if (field.number === 2) return inside('shape', field, depth + 3, (f) => f.number === 1 && dim(f));
      else return false;
      return true;
    };
    this.fields('value', at.start, at.end, depth, (field) => {
      if (field.number === 1) value.name = this.text(field);
      else if (field.number === 2) return inside('type', field, depth + 1, (f) => f.number === 1 && inside('tensorType', f, depth + 2, tensorType));
      else return false;
      return true;
    });
    return value;
  }

  private opset(at: WireField): void {
    const opset = { domain: '', version: 0 };
    this.fields('opset', at.start, at.end, 1, (field) => {
      if (field.number === 1) opset.domain = this.text(field);
      else if (field.number === 2) opset.version = this.integer(field);
      else return false;
      return true;
    });
    if (this.opsets.push(opset) > 1000) throw this.tooComplex('imports more than 1000 operator sets');
  }

  private modelFunction(at: WireField): void {
    let name = '';
    let domain = '';
    this.fields('function', at.start, at.end, 1, (field) => {
      if (field.number === 1) name = this.text(field);
      else if (field.number === 10) domain = this.text(field);
      else return false;
      return true;
    });
    this.functions.add(`${domain}:${name}`);
  }

  private count(values: number): void {
    this.values += values;
    if (this.values > limits.values) throw this.tooComplex(`has more than ${limits.values} values outside its raw tensors`);
  }

  private tooComplex(what: string): LabError {
    return new LabError('model.too-complex', `the model ${what}; such models are not accepted`, { limits });
  }

  private integer(field: WireField): number {
    if (field.type !== wire.varint) throw notOnnx('a number has a wrong wire type');
    return field.value;
  }

  private fixed(field: WireField, type: number): number {
    if (field.type !== type) throw notOnnx('tensor data has a wrong wire type');
    return 1;
  }

  private packed(field: WireField): number[] {
    // Bound before reading: ten bytes is the longest varint.
    if (field.end - field.start > limits.dims * 10) throw this.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
    return readPackedVarints(this.bytes, field.start, field.end);
  }

  private text(field: WireField): string {
    if (field.type !== wire.bytes) throw notOnnx('a text has a wrong wire type');
    return decoder.decode(this.bytes.subarray(field.start, field.end));
  }
}
