// Which model a compiled folder holds is known without loading it, as long as the checkpoint is the same.
import { appendFileSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { findFingerprint } from '../../src/compiler/reuse.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
const FORM = { precision: 'fp32', lowering: 'fused' } as const

it('is found in the compiled folder until the checkpoint changes', async () => {
  const folder = temporaryFolder()
  const [model, compiled] = [join(folder, 'model'), join(folder, 'compiled')]
  cpSync(MODEL, model, { recursive: true })
  expect(await findFingerprint(model, compiled, FORM)).toBeUndefined()
  const { fingerprint } = await compileModel(model, compiled, { log: silentLogger })
  expect(await findFingerprint(model, compiled, FORM)).toBe(fingerprint)
  expect(await findFingerprint(model, compiled, { ...FORM, precision: 'auto' })).toBeUndefined()
  appendFileSync(join(model, 'config.json'), '\n')
  expect(await findFingerprint(model, compiled, FORM)).toBeUndefined()
})
