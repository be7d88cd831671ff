// Linear layers as a plan wants them. The input of each must be divided by its `smoothing` before it
// is applied: by the norm before it, by the layer that makes it, or by `smoothed`.
import type { Graph } from '../../../onnx/graph.ts'
import type { Weights } from '../../../weights/weights.ts'
import {
  type Linear,
  linear,
  type LinearWeights,
  type ParallelLinears,
  parallelLinears,
  readLinear,
  unstack,
} from './linear.ts'
import { type LinearPlan, scaleInputs } from './linear-plan.ts'

export interface PlannedLinear {
  readonly path: string
  readonly smoothing: Float32Array | null
  readonly apply: Linear
}

export interface PlannedLinears extends Omit<PlannedLinear, 'apply'> {
  readonly apply: ParallelLinears
}

export interface PlanOptions {
  /** Whatever makes the input divides it by the smoothing at no cost. Default false. */
  readonly free?: boolean
}

export function plannedLinear(
  g: Graph,
  plan: LinearPlan,
  w: Weights,
  { inputs, outputs, ...options }: { inputs: number; outputs: number } & PlanOptions,
): PlannedLinear {
  return planLayer(g, plan, w.path, readLinear(w, inputs, outputs), options)
}

/** As above for weights that are at hand already. */
export function planLayer(
  g: Graph,
  plan: LinearPlan,
  path: string,
  layer: LinearWeights,
  { free = false }: PlanOptions = {},
): PlannedLinear {
  const smoothing = plan.smoothingOf(path, layer, free)
  const apply = linear(g, scaleInputs(layer, smoothing), plan.formatOf(path))
  return { path, smoothing, apply }
}

/** Equal layers over the same input, stacked in `layer`: their outputs one by one. */
export function planParallel(
  g: Graph,
  plan: LinearPlan,
  path: string,
  layer: LinearWeights,
  { parts, free = false }: { parts: number } & PlanOptions,
): PlannedLinears {
  const smoothing = plan.smoothingOf(path, layer, free)
  const layers = unstack(scaleInputs(layer, smoothing), parts)
  return { path, smoothing, apply: parallelLinears(g, layers, plan.formatOf(path)) }
}
