// Writes checkpoints that differ from a portable one in a few fields of their JSON files: the twin of
// tools/python/forms/edits.py.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { CheckpointRecipe } from './florence2-fixtures.ts'
import { writeRandomCheckpoint } from './random-checkpoint.ts'

export const editSchema = z.object({
  file: z.string(),
  /** Keys on the way to the field; empty for the whole file. */
  path: z.array(z.union([z.string(), z.number()])),
  /** Absent: the field, or the file, is taken away. */
  value: z.unknown().optional(),
})
export type Edit = z.infer<typeof editSchema>

export function writeEditedCheckpoint(
  folder: string,
  checkpoint: CheckpointRecipe,
  edits: readonly Edit[],
): void {
  writeRandomCheckpoint(folder, { checkpoint })
  for (const edit of edits) applyEdit(folder, edit)
}

function applyEdit(folder: string, edit: Edit): void {
  const { file, path, value } = edit
  const place = join(folder, file)
  const isRemoval = !('value' in edit)
  const last = path.at(-1)
  if (last === undefined) {
    if (isRemoval) rmSync(place)
    else writeFileSync(place, JSON.stringify(value))
    return
  }
  const content: unknown = JSON.parse(readFileSync(place, 'utf8'))
  let target = objectOf(content)
  for (const key of path.slice(0, -1)) {
    target[key] ??= {}
    target = objectOf(target[key])
  }
  if (isRemoval) delete target[last]
  else target[last] = value
  writeFileSync(place, JSON.stringify(content))
}

function objectOf(value: unknown): Record<string | number, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('no object on the way')
  // oxlint-disable-next-line no-unsafe-type-assertion -- just checked
  return value as Record<string | number, unknown>
}
