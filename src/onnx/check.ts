// The structure of a finished graph. What the operators' own rules cannot see: order, names, and
// leftovers that would be computed or stored for nobody.
import type { Graph } from './graph.ts'
import { sameShape, type Value } from './value.ts'

/** @throws Error listing every fault of the graph. */
export function checkGraph(graph: Graph): void {
  const faults: string[] = []
  const defined = new Map<string, Value>()
  const used = new Set<string>()

  const define = (value: Value, by: string): void => {
    if (defined.has(value.name)) faults.push(`${value.name} is defined twice, again by ${by}`)
    defined.set(value.name, value)
  }

  for (const input of graph.inputs) define(input, 'the inputs')
  for (const { value } of graph.initializers) define(value, 'the initializers')
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input === null) continue
      used.add(input.name)
      const source = defined.get(input.name)
      if (!source) faults.push(`${node.name} uses ${input.name} before it is defined`)
      else if (source.dtype !== input.dtype || !sameShape(source.shape, input.shape)) {
        faults.push(`${node.name} sees ${input.name} with another type or shape than it was made`)
      }
    }
    for (const output of node.outputs) define(output, node.name)
  }
  for (const output of graph.outputs) {
    used.add(output.name)
    if (!defined.has(output.name)) faults.push(`output ${output.name} is never defined`)
  }
  if (graph.outputs.length === 0) faults.push('the graph has no output')

  for (const input of graph.inputs) {
    if (!used.has(input.name)) faults.push(`input ${input.name} is not used`)
  }
  for (const { value } of graph.initializers) {
    if (!used.has(value.name)) faults.push(`tensor ${value.name} is not used`)
  }
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => used.has(output.name))) {
      faults.push(`the results of ${node.name} are not used`)
    }
  }

  if (faults.length > 0) {
    throw new Error(`graph ${graph.name} is not well formed:\n- ${faults.join('\n- ')}`)
  }
}
