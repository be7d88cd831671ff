// Views into storages: which bytes of a storage a tensor needs, and those bytes in C order.
//
// torch.save writes the storage, not the view: a transposed or sliced tensor keeps its strides in
// the file. Weights are nearly always contiguous, and then the bytes are used as they are.
import type { TensorReference } from './torch-zip-values.ts'

type View = Pick<TensorReference, 'shape' | 'strides'>

export function countElements(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1)
}

/** Whether the elements lie in C order without gaps. */
export function isContiguous({ shape, strides }: View): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 0
    // The stride of a dimension that is never stepped through has no meaning.
    if (size !== 1 && strides[axis] !== expected) return false
    expected *= size
  }
  return true
}

/** Elements from the first to the last one of the view, both included; 0 for an empty view. */
export function countSpan({ shape, strides }: View): number {
  if (countElements(shape) === 0) return 0
  return shape.reduce((span, size, axis) => span + (size - 1) * (strides[axis] ?? 0), 1)
}

/**
 * Copies a strided view into C order.
 * @param span the bytes of the view's span, from its first element on
 */
export function toContiguous(span: Uint8Array, view: View, elementBytes: number): Uint8Array {
  const count = countElements(view.shape)
  const result = new Uint8Array(count * elementBytes)
  const { shape, strides } = view
  const position = shape.map(() => 0)
  let source = 0
  for (let target = 0; target < count; target += 1) {
    for (let byte = 0; byte < elementBytes; byte += 1) {
      result[target * elementBytes + byte] = span[source * elementBytes + byte] ?? 0
    }
    // Steps to the next element, the innermost dimension first.
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = (position[axis] ?? 0) + 1
      const stride = strides[axis] ?? 0
      if (next < (shape[axis] ?? 0)) {
        position[axis] = next
        source += stride
        break
      }
      source -= (next - 1) * stride
      position[axis] = 0
    }
  }
  return result
}
