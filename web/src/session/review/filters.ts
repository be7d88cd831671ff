// Which pictures of a review are shown, and how many each filter would show.
import type { ReviewedPicture } from '../../server/review-server.ts'

export const FILTERS = {
  all: 'All',
  none: 'Without caption',
  unsure: 'Unsure',
  failed: 'Failed',
  same: 'Same caption',
  twins: 'Same picture',
  edited: 'Edited',
  locked: 'Locked',
  replaced: 'Lock lost',
} as const

export type Filter = keyof typeof FILTERS

/** Below it most captions of photographs deserve a look; those that were edited or locked had one. */
const UNSURE_BELOW = 0.6

type Test = (picture: ReviewedPicture) => boolean

/** Names of the pictures, those of which the model was least sure first where that is the filter. */
export function selectPictures(
  pictures: readonly ReviewedPicture[],
  filter: Filter,
  query: string,
): readonly string[] {
  const test = createTests(pictures)[filter]
  const words = query.trim().toLowerCase()
  const shown = pictures.filter(
    (picture) =>
      test(picture) &&
      (words === '' || `${picture.name}\n${picture.caption ?? ''}`.toLowerCase().includes(words)),
  )
  return sort(shown, filter).map(({ name }) => name)
}

export function countFilters(
  pictures: readonly ReviewedPicture[],
): Readonly<Record<Filter, number>> {
  const tests = createTests(pictures)
  const count = (filter: Filter): number => pictures.filter(tests[filter]).length
  return {
    all: pictures.length,
    none: count('none'),
    unsure: count('unsure'),
    failed: count('failed'),
    same: count('same'),
    twins: count('twins'),
    edited: count('edited'),
    locked: count('locked'),
    replaced: count('replaced'),
  }
}

function createTests(pictures: readonly ReviewedPicture[]): Readonly<Record<Filter, Test>> {
  const captions = countValues(pictures.map(({ caption }) => caption))
  const digests = countValues(pictures.map(({ sha256 }) => sha256))
  return {
    all: () => true,
    none: ({ caption }) => caption === null,
    unsure: ({ confidence, edited, lock }) =>
      confidence !== null && confidence < UNSURE_BELOW && !edited && lock !== 'locked',
    failed: ({ failure }) => failure !== null,
    same: ({ caption }) => (captions.get(caption ?? '') ?? 0) > 1,
    twins: ({ sha256 }) => (digests.get(sha256 ?? '') ?? 0) > 1,
    edited: ({ edited }) => edited,
    locked: ({ lock }) => lock === 'locked',
    replaced: ({ lock }) => lock === 'replaced',
  }
}

function countValues(values: readonly (string | null)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) {
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

/** Like stands beside like. */
function sort(shown: readonly ReviewedPicture[], filter: Filter): readonly ReviewedPicture[] {
  const by = (key: (picture: ReviewedPicture) => string | number) =>
    shown.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  if (filter === 'unsure') return by(({ confidence }) => confidence ?? 1)
  if (filter === 'same') return by(({ caption }) => caption ?? '')
  if (filter === 'twins') return by(({ sha256 }) => sha256 ?? '')
  return shown
}
