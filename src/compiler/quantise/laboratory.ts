// What the compiler needs of a runtime to prove a quantised model: somebody who runs its graphs on
// sample pictures. The engine process provides it; the compiler itself runs nothing.

export interface Observation {
  /** [imageTokens, hidden] */
  readonly imageFeatures: Float32Array
  /** [imageTokens + prompt, hidden] */
  readonly encoderOutput: Float32Array
  /** The most probable tokens after the first of an answer, by id. */
  readonly logProbs: ReadonlyMap<number, number>
  /** Further outputs of the vision and prefill graphs. */
  readonly probes: ReadonlyMap<string, Float32Array>
}

export interface Laboratory {
  /**
   * Runs a compiled folder on each sample picture with the default prompt.
   *
   * @param weights `mapped` leaves float32 weights where they are, in the file, and is slower; kernels
   *   of fewer bits compute as they do for users only with their weights `packed`.
   */
  observe(folder: string, weights: 'mapped' | 'packed'): Promise<readonly Observation[]>
}
