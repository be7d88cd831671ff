// A server whose model cannot be loaded stays up, says what is wrong, and has it once it is mended.
import { copyFileSync, cpSync, mkdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { startServerForTest } from '../../support/program.ts'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../../support/small-disk.ts'
import { createFolder, removeFolder } from '../../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../../models/flocap-demo/', import.meta.url))
const WEIGHTS = 'model.safetensors'

const home = createFolder()
afterAll(() => removeFolder(home))

async function readiness(url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/ready`)
  return { status: response.status, body: await response.json() }
}

describe('flocap serve with a model that cannot be loaded', () => {
  it('stays up, says so everywhere, and serves when the file was mended', async () => {
    const folder = join(home, 'model')
    mkdirSync(folder)
    cpSync(MODEL, folder, { recursive: true })
    truncateSync(join(folder, WEIGHTS), 1_000_000)
    const server = await startServerForTest(['--model', folder], {
      environment: { FLOCAP_HOME: join(home, 'cache') },
    })
    await server.printed('keeps trying')
    expect(server.stderr()).toContain('model.safetensors is not a usable safetensors file')
    expect(await readiness(server.url)).toEqual({
      status: 503,
      body: expect.objectContaining({
        status: 'failed',
        reason: expect.stringContaining('not a usable safetensors file'),
      }),
    })
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    await server.printed('the model cannot be loaded')
    copyFileSync(join(MODEL, WEIGHTS), join(folder, WEIGHTS))
    await server.printed('Ready after')
    expect((await readiness(server.url)).status).toBe(200)
  })

  it.skipIf(!HAS_SMALL_DISKS)('names path and need where the disk is full (as root)', async () => {
    const disk = mountSmallDisk('size=20m')
    if (!disk) throw new Error('no disk')
    try {
      const server = await startServerForTest(['--model', 'bundled'], {
        environment: { FLOCAP_HOME: join(disk.path, 'home') },
      })
      await server.printed('keeps trying')
      expect(server.stderr()).toMatch(/Compiling the model needs 53\.\d MB .*21\.0 MB are free/)
      expect(server.stderr()).toContain(join(disk.path, 'home', 'compiled'))
      expect(await readiness(server.url)).toMatchObject({ status: 503, body: { status: 'failed' } })
      disk.remount('size=500m')
      await server.printed('Ready after')
      expect(await server.stop()).toBe(0)
    } finally {
      disk.remove()
    }
  })
})
