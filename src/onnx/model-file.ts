// A graph as an ONNX file. Field numbers are those of onnx.proto:
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import type { ExternalRange } from './external-data.ts'
import { DATA_TYPE } from './dtype.ts'
import type { Attribute, Graph, Initializer, Node } from './graph.ts'
import { MessageWriter } from './proto.ts'
import type { Value } from './value.ts'

/** The newest version of the file format that ONNX Runtime's providers all read. */
const IR_VERSION = 10
/** Version of ONNX Runtime's own operator set. */
const MICROSOFT_OPSET = 1

const DATA_LOCATION_EXTERNAL = 1

/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE: Record<Attribute['kind'], number> = {
  float: 1,
  int: 2,
  ints: 7,
}

/** The bytes of a ModelProto; large tensors stay in the graph's external data file. */
export function renderModel(graph: Graph): Uint8Array {
  return new MessageWriter()
    .int(1, IR_VERSION)
    .string(2, 'flocap')
    .message(7, graphProto(graph))
    .message(8, operatorSet('', graph.opset))
    .message(8, operatorSet('com.microsoft', MICROSOFT_OPSET))
    .finish()
}

function operatorSet(domain: string, version: number): MessageWriter {
  return new MessageWriter().string(1, domain).int(2, version)
}

function graphProto(graph: Graph): MessageWriter {
  const message = new MessageWriter()
  for (const node of graph.nodes) message.message(1, nodeProto(node))
  message.string(2, graph.name)
  for (const initializer of graph.initializers) message.message(5, tensorProto(initializer))
  for (const input of graph.inputs) message.message(11, valueInfo(input))
  for (const output of graph.outputs) message.message(12, valueInfo(output))
  return message
}

function nodeProto(node: Node): MessageWriter {
  const message = new MessageWriter()
  for (const input of node.inputs) message.string(1, input?.name ?? '')
  for (const output of node.outputs) message.string(2, output.name)
  message.string(3, node.name).string(4, node.opType)
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message.message(5, attributeProto(name, attribute))
  }
  if (node.domain !== '') message.string(7, node.domain)
  return message
}

function attributeProto(name: string, attribute: Attribute): MessageWriter {
  const message = new MessageWriter().string(1, name)
  switch (attribute.kind) {
    case 'float':
      message.float(2, attribute.value)
      break
    case 'int':
      message.int(3, attribute.value)
      break
    case 'ints':
      message.packedInts(8, attribute.value)
      break
  }
  return message.int(20, ATTRIBUTE_TYPE[attribute.kind])
}

function tensorProto({ value, data }: Initializer): MessageWriter {
  const message = new MessageWriter()
    .packedInts(1, value.shape.map(Number))
    .int(2, DATA_TYPE[value.dtype])
    .string(8, value.name)
  if (data instanceof Uint8Array) return message.bytes(9, data)
  for (const [key, entry] of externalEntries(data)) {
    message.message(13, new MessageWriter().string(1, key).string(2, entry))
  }
  return message.int(14, DATA_LOCATION_EXTERNAL)
}

function externalEntries(range: ExternalRange): [string, string][] {
  return [
    ['location', range.location],
    ['offset', String(range.offset)],
    ['length', String(range.length)],
  ]
}

function valueInfo(value: Value): MessageWriter {
  const shape = new MessageWriter()
  for (const dim of value.shape) {
    const message = new MessageWriter()
    if (typeof dim === 'number') message.int(1, dim)
    else message.string(2, dim)
    shape.message(1, message)
  }
  const tensor = new MessageWriter().int(1, DATA_TYPE[value.dtype]).message(2, shape)
  return new MessageWriter()
    .string(1, value.name)
    .message(2, new MessageWriter().message(1, tensor))
}
