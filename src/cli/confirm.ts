// A question on the terminal, for what costs time and a download.
import { createInterface } from 'node:readline/promises'
import { toPrintable } from '../base/printable.ts'

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/**
 * Asks with yes as the default.
 *
 * @returns undefined where there is no one to ask: input or output is no terminal
 */
export function createConfirm(
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): ((question: string) => Promise<boolean>) | undefined {
  if (input.isTTY !== true || output.isTTY !== true) return undefined
  return async (question) => {
    const lines = createInterface({ input, output })
    const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('no')))
    try {
      const answer = await Promise.race([lines.question(`${toPrintable(question)} [Y/n] `), gone])
      return /^(?:y|yes)?$/i.test(answer.trim())
    } finally {
      lines.close()
    }
  }
}
