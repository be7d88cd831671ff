// A large picture takes hundreds of megabytes while it is decoded, so there is one at a time.
import { createSemaphore } from '../../schedule/semaphore.ts'

/** 150 MB as RGB. Smaller ones come in the numbers that the runtime allows. */
const LARGE_PIXELS = 50_000_000

const place = createSemaphore(1)

/** Runs `work`, which decodes so many pixels, when there is room for it. */
export async function whenThereIsRoom<T>(pixels: number, work: () => Promise<T>): Promise<T> {
  return pixels > LARGE_PIXELS ? place.run(work) : work()
}
