// How far a compilation is, where its later steps depend on what the earlier ones measure.

export interface Steps {
  /** More are known to come. */
  expect(count: number): void
  /** One of them is done. */
  done(): void
}

/** @param onProgress told the share that is done, 0 to 1, whenever it has grown. */
export function createSteps(onProgress: (fraction: number) => void = () => undefined): Steps {
  let expected = 0
  let finished = 0
  let told = 0
  return {
    expect(count) {
      expected += count
    },
    done() {
      finished += 1
      const fraction = finished / expected
      if (fraction <= told) return
      told = fraction
      onProgress(fraction)
    },
  }
}
