// The model that `--model` named last, kept in the home folder, so that a start without the option
// goes on with it.
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { writePlainFile } from '../base/plain-files.ts'
import { parseName } from './model-names.ts'

/** Under the home folder; one line, as `--model` takes it. */
const LAST_MODEL_FILE = 'last-model'

/** Undefined when no model was named yet. */
export async function readLastModel(home: string): Promise<string | undefined> {
  try {
    const text = (await readFile(join(home, LAST_MODEL_FILE), 'utf8')).trim()
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}

/** @param text what `--model` said; the path of a folder is kept whole, since the next start may be elsewhere. */
export async function rememberModel(home: string, text: string): Promise<void> {
  const { kind } = parseName(text)
  // The demo is what a start falls back to anyway.
  if (kind === 'bundled') return
  const kept = kind === 'folder' ? resolve(text) : text
  if ((await readLastModel(home)) === kept) return
  await mkdir(home, { recursive: true })
  await writePlainFile(join(home, LAST_MODEL_FILE), `${kept}\n`)
}
