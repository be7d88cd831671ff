// The random numbers of sampling: SFC32, Chris Doty-Humphrey's "small fast counting" generator of
// PractRand, three words of state and a counter.
//
// A seed must give the same answer on every machine, so this is 32-bit integer arithmetic and
// nothing else. Each stream of a seed is a generator of its own, so that the second of two samples
// is the same whether or not a first one was drawn.

/** Rounds after which every bit of the seed has reached every bit of the state. */
const WARM_UP_ROUNDS = 15

/** Numbers in [0, 1) with 53 random bits. */
export type Random = () => number

/** @param seed any safe integer; @param stream which of its sequences, from 0 */
export function createRandom(seed: number, stream: number): Random {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = stream | 0
  let counter = 1

  function nextWord(): number {
    const word = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + word) | 0
    return word >>> 0
  }

  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) nextWord()
  return () => {
    const high = nextWord() >>> 5
    const low = nextWord() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }
}
