// Servers that start at the same moment compile the same model into the same folder.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { readManifest } from '../../src/compiled/manifest.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
const AT_ONCE = 4

const folder = createFolder()
afterAll(() => removeFolder(folder))

it('makes one folder that all can load, however many compile it at once', async () => {
  const destination = join(folder, 'compiled')
  const manifests = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const manifest = await compileModel(MODEL, destination, { log: silentLogger })
      // Nobody may take the folder away from who has begun to load it.
      const model = await createFlorence2(destination, { id: 'x', demo: true, threads: 1 })
      await model.close()
      return manifest
    }),
  )
  const kept = await readManifest(destination)
  for (const manifest of manifests) expect(manifest).toEqual(kept)
  expect(readdirSync(folder)).toEqual(['compiled'])
})
