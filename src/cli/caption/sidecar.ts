// Captions beside their pictures, `photo.txt` for `photo.jpg`: what tools that train on pictures read.
import { access } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { writeUserFile } from './user-file.ts'
import type { Answer } from './answer.ts'
import { STANDARD_INPUT } from './picture-files.ts'
import { renderJson } from './print.ts'

/** `txt` and `caption` hold text; `json` what `--json` prints. */
export const SIDECAR_KINDS = ['txt', 'caption', 'json'] as const

export type SidecarKind = (typeof SIDECAR_KINDS)[number]

export interface Sidecars {
  /** Whether the picture has its sidecar already. */
  exists(picture: string): Promise<boolean>
  /** Replaces the one that is there. */
  write(picture: string, answers: readonly Answer[]): Promise<void>
}

/**
 * @param pictures all of one run.
 * @throws FlocapError `invalid_request` when two of them would share a sidecar, or when one is no
 * file.
 */
export function createSidecars(kind: SidecarKind, pictures: readonly string[]): Sidecars {
  const owners = new Map<string, string>()
  for (const picture of pictures) {
    const file = sidecarOf(picture, kind)
    const owner = owners.get(file)
    if (picture === STANDARD_INPUT) throw noSidecar('Standard input has no place for a sidecar.')
    if (owner !== undefined && owner !== picture) {
      throw noSidecar(`${file} would be the caption of both ${owner} and ${picture}.`)
    }
    owners.set(file, picture)
  }
  return {
    exists: async (picture) => isThere(sidecarOf(picture, kind)),
    async write(picture, answers) {
      const lines = answers.map((answer) =>
        kind === 'json' ? renderJson(picture, answer) : answer.text,
      )
      await writeUserFile(sidecarOf(picture, kind), `${lines.join('\n')}\n`)
    },
  }
}

function noSidecar(message: string): FlocapError {
  return new FlocapError('invalid_request', message, {
    subject: '--sidecar',
    hint: 'Give pictures whose names differ in more than their ending.',
  })
}

function sidecarOf(picture: string, kind: SidecarKind): string {
  const { dir, name } = parse(picture)
  return join(dir, `${name}.${kind}`)
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}
