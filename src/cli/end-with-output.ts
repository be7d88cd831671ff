// For commands that print and write nothing else: what happens when standard output cannot be written,
// for a reader has seen enough or a disk is full.
import { systemCode } from '../base/system-errors.ts'

/**
 * Ends the process instead of letting it write into nothing. A reader that is gone (`| head`) is no
 * failure, as with every other command; anything else is one, and captions are lost.
 */
export function endWithStandardOutput(): void {
  process.stdout.on('error', (error: Error) => {
    const code = systemCode(error)
    if (code === 'EPIPE') process.exit(0)
    console.error(`flocap: Standard output cannot be written (${code ?? error.message}).`)
    process.exit(1)
  })
}
