// The activation functions that a checkpoint may name, as graphs.
//
// Names and formulas are those of transformers' `ACT2FN`. Every published model has `gelu`, which is
// one operator; the others are put together from simple ones, in the order in which PyTorch rounds.
import type { Graph } from '../../onnx/graph.ts'
import { add, gelu, max, mul, sigmoid, tanh } from '../../onnx/ops/math.ts'
import type { Value } from '../../onnx/value.ts'

export const ACTIVATIONS = [
  'gelu',
  'gelu_python',
  'gelu_new',
  'gelu_fast',
  'gelu_pytorch_tanh',
  'gelu_accurate',
  'quick_gelu',
  'relu',
  'relu2',
  'silu',
  'swish',
  'sigmoid',
  'tanh',
  'linear',
] as const
export type Activation = (typeof ACTIVATIONS)[number]

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI)
/** Of the approximation of GELU by tanh. */
const CUBIC = 0.044715
/** Of the approximation of GELU by the logistic function. */
const LOGISTIC = 1.702

export function activate(g: Graph, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'gelu':
    case 'gelu_python':
      return gelu(g, x)
    case 'gelu_new':
    case 'gelu_fast':
    case 'gelu_pytorch_tanh':
    case 'gelu_accurate':
      return tanhGelu(g, x)
    case 'quick_gelu':
      return mul(g, x, sigmoid(g, mul(g, x, g.scalar(LOGISTIC))))
    case 'relu':
      return max(g, x, g.scalar(0))
    case 'relu2': {
      const positive = max(g, x, g.scalar(0))
      return mul(g, positive, positive)
    }
    case 'silu':
    case 'swish':
      return mul(g, x, sigmoid(g, x))
    case 'sigmoid':
      return sigmoid(g, x)
    case 'tanh':
      return tanh(g, x)
    case 'linear':
      return x
  }
}

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) */
function tanhGelu(g: Graph, x: Value): Value {
  const cube = mul(g, mul(g, x, x), x)
  const inner = mul(g, g.scalar(SQRT_2_OVER_PI), add(g, x, mul(g, g.scalar(CUBIC), cube)))
  return mul(g, mul(g, g.scalar(0.5), x), add(g, g.scalar(1), tanh(g, inner)))
}
