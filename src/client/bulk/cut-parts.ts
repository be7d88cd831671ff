// Cuts the pictures of a run into parts whose requests make one batch each.
import { type Asking, createCollector } from './collector.ts'
import { createSpool, type Spool } from './spool.ts'

export interface Part<Picture> {
  readonly pictures: readonly Picture[]
  readonly spool: Spool
  /** The spool had no room for all that is to be asked of its one picture. */
  readonly isPartial: boolean
}

/** Pictures that need nothing wait for the others of their part. */
const MAX_PICTURES = 1_000

/** Whoever gets a part removes its spool. @throws FlocapError disk_full */
export async function* cutParts<Picture>(asking: Asking<Picture>): AsyncGenerator<Part<Picture>> {
  let part = await startPart(asking)
  for await (const picture of asking.run.pictures) {
    let fits = await part.collector.collect(picture)
    if (!fits && part.pictures.length > 0) {
      yield { ...part, isPartial: false }
      part = await startPart(asking)
      fits = await part.collector.collect(picture)
    }
    part.pictures.push(picture)
    if (fits && !part.spool.isFull && part.pictures.length < MAX_PICTURES) continue
    yield { ...part, isPartial: !fits }
    part = await startPart(asking)
  }
  if (part.pictures.length > 0) yield { ...part, isPartial: false }
  else await part.spool.remove()
}

async function startPart<Picture>(asking: Asking<Picture>) {
  const spool = await createSpool(asking.limits)
  const pictures: Picture[] = []
  return { pictures, spool, collector: createCollector(asking, new Map(), spool) }
}
