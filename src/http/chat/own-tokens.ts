// Tokens of the model itself in what a request asks for: only the loaded model knows them, so that a
// request which may name one waits, instead of running another task.
import { mayBeTaskToken, mayLeadWithTaskToken } from '../../caption/task-tokens.ts'
import type { HttpContext, SurfaceServices } from '../surface.ts'

interface Mentions {
  /** Names of tasks, as requests give them. */
  readonly names: readonly string[]
  /** Texts that may begin with a token. */
  readonly texts?: readonly string[]
}

/**
 * @returns the tokens that can be named; undefined where the model has none.
 * @throws FlocapError model_loading, cancelled, or what the model fails with.
 */
export async function ownTokens(
  { names, texts = [] }: Mentions,
  { captioner, whenLoaded }: Pick<SurfaceServices, 'captioner' | 'whenLoaded'>,
  context: HttpContext,
): Promise<readonly string[] | undefined> {
  if (names.some(mayBeTaskToken) || texts.some(mayLeadWithTaskToken)) {
    await whenLoaded?.(context.get('signal'))
  }
  return captioner.model.taskTokens
}
