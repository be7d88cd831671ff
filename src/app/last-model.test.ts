import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { readLastModel, rememberModel } from './last-model.ts'

it('keeps the name of the model that was chosen last, in a home folder that it makes', async () => {
  const home = join(temporaryFolder(), 'home')
  expect(await readLastModel(home)).toBeUndefined()
  await rememberModel(home, 'base')
  await rememberModel(home, 'someone/Their-Model@v2')
  expect(await readLastModel(home)).toBe('someone/Their-Model@v2')
  expect(readdirSync(home)).toEqual(['last-model'])
})

it('keeps where a folder is, not how it was written', async () => {
  const home = temporaryFolder()
  await rememberModel(home, './my-model')
  expect(await readLastModel(home)).toBe(resolve('my-model'))
})

it('does not keep the demo, which needs no choice', async () => {
  const home = temporaryFolder()
  await rememberModel(home, 'base')
  await rememberModel(home, 'bundled')
  expect(await readLastModel(home)).toBe('base')
})
