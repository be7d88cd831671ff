// What FloCap leaves behind on its user's machine: its own cache, and nothing else.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { askCaption, SCENES } from '../support/ask-server.ts'
import { runProgram, startServerForTest } from '../support/program.ts'
import { samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

// ONNX Runtime decides by variables of the environment whether it reports to Microsoft, `CI` among
// them, so these programs get none of ours. What it would report waits below the home folder, beside
// the number that it knows the machine by.
describe.skipIf(process.platform === 'win32')('a home folder', () => {
  const folder = createFolder()
  afterAll(() => removeFolder(folder))

  function inHome(name: string) {
    const home = join(folder, name)
    mkdirSync(home)
    const cache = join(folder, `${name}-cache`)
    const environment = { HOME: home, FLOCAP_HOME: cache }
    return {
      left: () => readdirSync(home, { recursive: true }),
      cached: () => new Set(readdirSync(cache, { recursive: true, encoding: 'utf8' })),
      options: { bare: true, environment },
    }
  }

  it('is as it was after captions of files', async () => {
    const { left, options } = inHome('files')
    const args = ['caption', '--task', 'caption', samplePath('scene-00.png')]
    const { code } = await runProgram(args, options)
    expect(code).toBe(0)
    expect(left()).toEqual([])
  })

  it('is as it was after a server has captioned', async () => {
    const { left, cached, options } = inHome('server')
    const server = await startServerForTest([], options)
    await server.printed('Ready')
    const before = cached()
    expect((await askCaption(server.url, SCENES[0]!)).status).toBe(200)
    await server.stop()
    expect(left()).toEqual([])
    // No picture, and no answer.
    expect(cached()).toEqual(before)
  })
})
