/** @param lock package-lock.json, parsed */
export function renderNotices(lock: unknown): string
