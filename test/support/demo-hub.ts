// A stand-in hub that has the bundled model under another name: a download whose captions are known.
import { readdirSync, readFileSync } from 'node:fs'
import { lfsFile, gitFile, type StandInFile, type StandInRepository } from './stand-in-hub.ts'

const FOLDER = new URL('../../models/flocap-demo/', import.meta.url)

export const DEMO_REPOSITORY = 'someone/Scenes'
export const DEMO_COMMIT = 'abcdefabcdefabcdefabcdefabcdefabcdefabcd'

/** The bundled model's files as a repository of the Hub. */
export function demoRepository(more: Partial<StandInRepository> = {}): StandInRepository {
  const files: Record<string, StandInFile> = {}
  for (const entry of readdirSync(FOLDER, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = readFileSync(new URL(entry.name, FOLDER))
    files[entry.name] = entry.name.endsWith('.safetensors')
      ? lfsFile(content)
      : gitFile(content.toString())
  }
  return { commit: DEMO_COMMIT, files, ...more }
}
