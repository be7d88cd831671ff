// Many small pieces to one large one, while others have their turns.
import { giveWay } from '../../base/give-way.ts'

/** What is copied in about a millisecond. */
const BYTES_AT_ONCE = 4 * 1024 * 1024

/** The pieces one after the other; a single one as it is. */
export async function joinBytes(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const size = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const joined = Buffer.allocUnsafeSlow(size)
  let done = 0
  let sincePause = 0
  for (const piece of pieces) {
    joined.set(piece, done)
    done += piece.byteLength
    sincePause += piece.byteLength
    if (sincePause < BYTES_AT_ONCE) continue
    sincePause = 0
    await giveWay()
  }
  return joined
}
