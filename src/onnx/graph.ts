// A graph under construction: inputs, nodes, initializers, outputs.
//
// The functions of ops/ add nodes to it and say what shape comes out; models are written with those.
// Nodes carry the path of the scope they were made in, so that a profile or an error of ONNX Runtime
// points at a place in the model.
import type { ExternalDataWriter, ExternalRange } from './external-data.ts'
import type { Dtype } from './dtype.ts'
import { formatShape, type Shape, type Value } from './value.ts'

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }

export const int = (value: number): Attribute => ({ kind: 'int', value })
export const float = (value: number): Attribute => ({ kind: 'float', value })
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value })

export interface Node {
  /** Scope path and number, such as `stage2/block4/window_attn/MatMul_81`. */
  readonly name: string
  readonly opType: string
  /** Empty for the standard operators, `com.microsoft` for ONNX Runtime's own. */
  readonly domain: string
  /** null stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A tensor that is part of the model, inline or in the file beside it. */
export interface Initializer {
  readonly value: Value
  readonly data: Uint8Array | ExternalRange
}

/** A Uint16Array holds float16 bit patterns. */
export type TensorData =
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int8Array
  | Uint8Array

/** A tensor at least this large goes to the file beside the model. */
const EXTERNAL_FROM_BYTES = 256

/** What an operator yields; the graph makes a name where none is given. */
export type ResultType = Omit<Value, 'name'> & { readonly name?: string }

/** Opset 23 brought the standard Attention operator; ONNX Runtime 1.23 and later run it. */
const NEWEST_OPSET = 23

export interface GraphOptions {
  /** Version of the standard operators, 23 unless stated. */
  readonly opset?: number
  /** Makes float16 bit patterns of the model's floats, and the graph one of float16. */
  readonly toHalf?: (values: Float32Array) => Uint16Array
}

export interface NodeOptions {
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export class Graph {
  readonly name: string
  readonly opset: number
  readonly inputs: Value[] = []
  readonly outputs: Value[] = []
  readonly nodes: Node[] = []
  readonly initializers: Initializer[] = []
  readonly #external: ExternalDataWriter
  readonly #toHalf: GraphOptions['toHalf']
  readonly #constants = new Map<string, Value>()
  readonly #shared = new Map<string, Value>()
  readonly #atEnd: (() => void)[] = []
  #scope: readonly string[] = []
  #count = 0

  constructor(
    name: string,
    external: ExternalDataWriter,
    { opset = NEWEST_OPSET, toHalf }: GraphOptions = {},
  ) {
    this.name = name
    this.opset = opset
    this.#external = external
    this.#toHalf = toHalf
  }

  /** What Float32Array data becomes. */
  get floatType(): 'f32' | 'f16' {
    return this.#toHalf ? 'f16' : 'f32'
  }

  input(name: string, dtype: Dtype, shape: Shape): Value {
    const value = { name, dtype, shape }
    this.inputs.push(value)
    return value
  }

  /** Makes a value an output of the graph under its public name. */
  output(name: string, value: Value): void {
    this.outputs.push(this.node('Identity', [value], { ...value, name }))
  }

  /**
   * Adds nodes at the end of the graph, before those of earlier calls: for outputs that look at values
   * on their way. ONNX Runtime begins with what the last node without a successor needs. In this order
   * each value is looked at as soon as it is there, and its memory is free again; in any other the
   * values of all layers would be kept until the end.
   */
  atEnd(build: () => void): void {
    this.#atEnd.unshift(build)
  }

  /** Adds what was left for the end; to be called once, when the graph is complete. */
  finish(): this {
    for (const build of this.#atEnd.splice(0)) build()
    return this
  }

  /** Names the nodes that `build` adds after a place in the model. */
  scope<T>(name: string, build: () => T): T {
    const outer = this.#scope
    this.#scope = [...outer, name]
    try {
      return build()
    } finally {
      this.#scope = outer
    }
  }

  /** Adds a node with one result of the stated element type and shape. */
  node(
    opType: string,
    inputs: readonly (Value | null)[],
    output: ResultType,
    options: NodeOptions = {},
  ): Value {
    const name = this.#uniqueName(opType)
    const result = { ...output, name: output.name ?? name }
    this.#add(name, opType, inputs, [result], options)
    return result
  }

  /** As `node`, for operators with several results. */
  nodeOfMany(
    opType: string,
    inputs: readonly (Value | null)[],
    outputs: readonly ResultType[],
    options: NodeOptions = {},
  ): Value[] {
    const name = this.#uniqueName(opType)
    const results = outputs.map((output, i) => ({ ...output, name: output.name ?? `${name}:${i}` }))
    this.#add(name, opType, inputs, results, options)
    return results
  }

  #add(
    name: string,
    opType: string,
    inputs: readonly (Value | null)[],
    outputs: readonly Value[],
    options: NodeOptions,
  ): void {
    const { domain = '', attributes = {} } = options
    this.nodes.push({ name, opType, domain, inputs, outputs, attributes })
  }

  /** A small constant; equal constants become one. */
  constant(values: TensorData, shape: readonly number[]): Value {
    const data = this.#encode(values)
    const bytes = toBytes(data)
    const dtype = dtypeOf(data)
    const key = `${dtype}${formatShape(shape)}${Buffer.from(bytes).toString('base64')}`
    const known = this.#constants.get(key)
    if (known) return known
    const value = this.tensor('constant', data, shape)
    this.#constants.set(key, value)
    return value
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [])
  }

  /** A one-dimensional int64 constant, as shapes and axes are. */
  int64s(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values.map(BigInt)), [values.length])
  }

  /** A tensor of the model. Large ones are written to the file beside the model at once. */
  tensor(name: string, values: TensorData, shape: readonly number[]): Value {
    const data = this.#encode(values)
    const value: Value = { name: this.#uniqueName(name), dtype: dtypeOf(data), shape }
    this.#assertSize(value, data)
    const bytes = toBytes(data)
    const stored = bytes.length < EXTERNAL_FROM_BYTES ? bytes : this.#external.append(bytes)
    this.initializers.push({ value, data: stored })
    return value
  }

  /** A tensor that other graphs over the same file use too, written once under `key`. */
  sharedTensor(key: string, dtype: Dtype, shape: readonly number[], data: () => TensorData): Value {
    const known = this.#shared.get(key)
    if (known) return known
    const value: Value = { name: key, dtype, shape }
    const range = this.#external.share(key, () => {
      const tensor = this.#encode(data())
      this.#assertSize(value, tensor)
      return toBytes(tensor)
    })
    this.initializers.push({ value, data: range })
    this.#shared.set(key, value)
    return value
  }

  #encode(data: TensorData): TensorData {
    return this.#toHalf && data instanceof Float32Array ? this.#toHalf(data) : data
  }

  #assertSize(value: Value, data: TensorData): void {
    const elements = value.shape.reduce<number>((product, dim) => product * Number(dim), 1)
    if (elements !== data.length) {
      throw new RangeError(
        `${value.name} ${formatShape(value.shape)} needs ${elements} elements, got ${data.length}`,
      )
    }
  }

  #uniqueName(base: string): string {
    this.#count += 1
    return [...this.#scope, `${base}_${this.#count}`].join('/')
  }
}

function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float32Array) return 'f32'
  if (data instanceof Uint16Array) return 'f16'
  if (data instanceof BigInt64Array) return 'i64'
  if (data instanceof Int32Array) return 'i32'
  if (data instanceof Int8Array) return 'i8'
  return 'u8'
}

/** ONNX stores tensors little-endian, as does every machine that Node runs on. */
function toBytes(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
