/** @param lock package-lock.json, parsed */
export function listBundledPackages(lock: unknown): string[]
/** Makes `target` hold the files of `source` that programs read, and no others. */
export function syncPackage(source: string, target: string): void
