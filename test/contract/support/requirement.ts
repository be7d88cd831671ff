// One promise: what it says and where it was learnt.

export interface Requirement {
  readonly sentence: string
  /** The client, and the part of its code or documentation that shows the need. */
  readonly source: string
}

/** Keeps the ids as types, so that a test cannot cite one that does not exist. */
export function requirements<const Id extends string>(
  table: Readonly<Record<Id, readonly [sentence: string, source: string]>>,
): Readonly<Record<Id, Requirement>>
export function requirements(
  table: Readonly<Record<string, readonly [sentence: string, source: string]>>,
): Readonly<Record<string, Requirement>> {
  return Object.fromEntries(
    Object.entries(table).map(([id, [sentence, source]]) => [id, { sentence, source }]),
  )
}
