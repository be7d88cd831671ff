// A graph as text: for tests that pin small graphs and for people who look at big ones.
import type { Attribute, Graph, Node } from './graph.ts'
import { formatShape, type Value } from './value.ts'

/** One line a node: results, operator, inputs, attributes. */
export function printGraph(graph: Graph): string {
  const lines = [
    `graph ${graph.name}`,
    ...graph.inputs.map((value) => `  input  ${typed(value)}`),
    ...graph.initializers.map(({ value, data }) =>
      [`  tensor ${typed(value)}`, data instanceof Uint8Array ? '' : ' (external)'].join(''),
    ),
    ...graph.nodes.map((node) => `  ${printNode(node)}`),
    ...graph.outputs.map((value) => `  output ${typed(value)}`),
  ]
  return lines.join('\n')
}

function printNode(node: Node): string {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const inputs = node.inputs.map((input) => input?.name ?? '-').join(', ')
  const attributes = Object.entries(node.attributes)
    .map(([name, attribute]) => ` ${name}=${printAttribute(attribute)}`)
    .join('')
  return `${node.outputs.map(typed).join(', ')} = ${operator}(${inputs})${attributes}`
}

function printAttribute({ value }: Attribute): string {
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value)
}

function typed(value: Value): string {
  return `${value.name}: ${value.dtype}${formatShape(value.shape)}`
}
