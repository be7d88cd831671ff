// The FlocapError that an action ends in, so that a test can look at its parts.
import { FlocapError } from '../../src/base/errors.ts'

/** Runs the action; a success and any error of another kind fail the test. */
export async function caughtError(action: () => unknown): Promise<FlocapError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
  throw new Error('Expected a FlocapError, but the action succeeded.')
}
