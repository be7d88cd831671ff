// How the C library's allocator is set for an engine, where it is glibc; others take no notice.
//
// glibc reads its tunables once, when a process starts, so they are in the environment of the child.
// What somebody has set already stays as it is.

interface Tunable {
  readonly name: string
  readonly value: number
  /** The older variable for the same thing. */
  readonly variable?: string
}

const TUNABLES: readonly Tunable[] = [
  // Each thread has a heap of its own, and each keeps what its thread has freed: after some thousands
  // of captions sixteen of them held 100 MB, nearly all of it free, and grew by 12 KB with each
  // caption. Two are enough: the threads that compute take their memory before they begin.
  { name: 'arena_max', value: 2, variable: 'MALLOC_ARENA_MAX' },
  // Transparent pages of 2 MB. A decoder step reads all its weights once, so with pages of 4 kB much
  // of it is spent on finding pages: large ones made steps 10 to 15 % faster.
  { name: 'hugetlb', value: 1 },
  // Results of this size get memory of their own, which goes back to the system with them. By default
  // the threshold grows until they come from the heap, where a small one after each keeps the room
  // of the last from being used again: 240 MB more while the float32 graphs of a model run.
  { name: 'mmap_threshold', value: 2 * 1024 * 1024, variable: 'MALLOC_MMAP_THRESHOLD_' },
]

/** `environment` with these settings, except those that it has already. */
export function withTunedMalloc(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: given = '' } = environment
  const added = TUNABLES.filter(
    ({ name, variable }) =>
      !given.includes(`glibc.malloc.${name}=`) &&
      (variable === undefined || environment[variable] === undefined),
  ).map(({ name, value }) => `glibc.malloc.${name}=${value}`)
  if (added.length === 0) return environment
  return { ...environment, GLIBC_TUNABLES: [given, ...added].filter(Boolean).join(':') }
}
