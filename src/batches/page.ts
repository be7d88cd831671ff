// One page of a list, newest first unless asked otherwise. Ids sort as they were made: only what is on
// the page is read.

export interface PageRequest {
  readonly limit: number
  /** The last id of the page before. */
  readonly after?: string | undefined
  readonly order?: 'asc' | 'desc'
}

export interface Page<T> {
  readonly data: readonly T[]
  readonly hasMore: boolean
}

/**
 * @param ids sorted.
 * @param read undefined for what the list leaves out.
 */
export async function pageOf<T>(
  ids: readonly string[],
  { limit, after, order = 'desc' }: PageRequest,
  read: (id: string) => Promise<T | undefined>,
): Promise<Page<T>> {
  const sorted = order === 'desc' ? ids.toReversed() : ids
  const rest = sorted.filter(
    (id) => after === undefined || (order === 'desc' ? id < after : id > after),
  )
  const data: T[] = []
  for (const id of rest) {
    const item = await read(id)
    if (item === undefined) continue
    if (data.length === limit) return { data, hasMore: true }
    data.push(item)
  }
  return { data, hasMore: false }
}
