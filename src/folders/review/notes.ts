// What a person should know of a folder before working in it.
import { readdir } from 'node:fs/promises'
import type { Presence } from './presence.ts'

/** Files in which runs write the captions of all pictures. */
const COLLECTED = new Set(['captions.jsonl', 'captions.csv', 'metadata.jsonl', 'meta_cap.json'])

export interface Reviewed {
  readonly folder: string
  readonly presence: Pick<Presence, 'other' | 'isWritable'>
  /** Pictures without a text file of their own. */
  readonly missing: number
}

/** Sentences; none for most folders. */
export async function describeFolder({
  folder,
  presence: { other, isWritable },
  missing,
}: Reviewed): Promise<readonly string[]> {
  const elsewhere = missing === 0 ? [] : await findCollected(folder)
  return [
    ...(isWritable
      ? []
      : ['This folder cannot be written to: captions can be read here, not changed.']),
    ...(other === undefined
      ? []
      : [
          `Another review of this folder is open (process ${other}). Neither overwrites what the other ` +
            'has saved; Read again shows it.',
        ]),
    ...(elsewhere.length === 0
      ? []
      : [
          `Only text files are edited here, and this folder has captions in ${elsewhere.join(', ')}. ` +
            'To edit them, give the command that captioned the folder once more with --format txt: ' +
            'its journal knows the answers, so that no model runs.',
        ]),
  ]
}

async function findCollected(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  const sidecar = names.some((name) => name.endsWith('.json') && !COLLECTED.has(name))
  return [
    ...names.filter((name) => COLLECTED.has(name)).toSorted(),
    ...(sidecar ? ['.json files'] : []),
  ]
}
