// The two classes of requests: a person waits for one kind, nobody in particular for the other.

/**
 * `interactive` requests go first. `bulk` ones run where no interactive request waits, and get one start in
 * eight where some always do.
 */
export const PRIORITIES = ['interactive', 'bulk'] as const
export type Priority = (typeof PRIORITIES)[number]

export const DEFAULT_PRIORITY: Priority = 'interactive'
