// `flocap doctor` on a machine that is well and on some that are not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { devicesOf } from '../../../src/base/devices.ts'
import { runProgram } from '../../support/program.ts'
import { createFolder, removeFolder, temporaryFolder } from '../../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))

const reportSchema = z.object({
  verdict: z.enum(['ok', 'warning', 'problem']),
  findings: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      detail: z.string(),
      cure: z.string().optional(),
    }),
  ),
})

interface Examined {
  readonly code: number | null
  readonly verdict: string
  readonly find: (name: string) => z.infer<typeof reportSchema>['findings'][number] | undefined
}

async function examine(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Examined> {
  const { code, stdout } = await runProgram(['doctor', '--json', '--port', '0', ...args], {
    environment: { FLOCAP_HOME: home, ...environment },
  })
  const { verdict, findings } = reportSchema.parse(JSON.parse(stdout))
  for (const { status, cure } of findings) if (status !== 'ok') expect(cure).toBeTruthy()
  return { code, verdict, find: (name) => findings.find((finding) => finding.name === name) }
}

describe('flocap doctor', () => {
  it('captions a test picture as the reference does, and has nothing to complain of', async () => {
    const { code, verdict, find } = await examine(['--model', 'bundled'])
    expect(code).toBe(0)
    expect(verdict).not.toBe('problem')
    expect(find('self-test')).toMatchObject({ status: 'ok' })
    expect(find('self-test')?.detail).toMatch(/^“The image shows .*”, as the reference, in \d+ ms$/)
    expect(find('FloCap')?.detail).toContain(process.versions.node)
    expect(find('cores')?.detail).toMatch(/^\d+ usable, \d+ threads$/)
    expect(find('cache folder')?.detail).toContain(home)
    expect(find('port')?.status).toBe('ok')
  })

  it('finds a compiled model that was damaged, and models verify does', async () => {
    const compiled = join(home, 'compiled')
    const [model = ''] = readdirSync(compiled)
    const form = 'auto'
    expect((await examine(['--model', 'bundled'])).find('compiled')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining(`${form} is whole`),
    })
    const weights = join(compiled, model, form, 'weights.bin')
    const bytes = readFileSync(weights)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(weights, bytes)
    const verified = await runProgram(['models', 'verify', 'bundled'], {
      environment: { FLOCAP_HOME: home },
    })
    expect(verified.code).toBe(1)
    expect(verified.stderr).toContain(`compiled as ${form}, is damaged: weights.bin is not as it was`)
    // The doctor looks before its self-test, which mends it.
    expect((await examine(['--model', 'bundled'])).find('compiled')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('weights.bin'),
    })
    expect((await examine(['--model', 'bundled'])).find('compiled')?.status).toBe('ok')
  })

  it('is readable, and tells who has only the demo how to get a real model', async () => {
    const { code, stdout } = await runProgram(['doctor', '--port', '0'], {
      environment: { FLOCAP_HOME: home },
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^note +model +flocap-demo/m)
    expect(stdout).toMatch(/^ok +self-test/m)
    expect(stdout).toContain('FloCap works here.')
    expect(stdout).toContain("main.js pull base'")
  })

  it('tells what is missing of the devices that this machine could have', async () => {
    const devices = devicesOf().filter((device) => device !== 'cpu')
    const absent = { VK_DRIVER_FILES: '/nowhere' }
    const { code, find } = await examine(['--model', 'bundled'], absent)
    expect(code).toBe(0)
    for (const device of devices) expect(find(device)?.detail).toContain(device)
    if (process.platform !== 'linux' || process.arch !== 'x64') return
    expect(find('webgpu')).toMatchObject({ status: 'absent' })
    expect(find('webgpu')?.detail).toContain('No supported adapters')
    const chosen = await examine(['--model', 'bundled', '--device', 'webgpu'], absent)
    expect(chosen.code).toBe(1)
    expect(chosen.find('webgpu')).toMatchObject({ status: 'problem' })
    expect(chosen.find('webgpu')?.cure).toContain('Vulkan')
  })

  it('says which model the next start fetches', async () => {
    const { find } = await examine(['--model', 'base'])
    expect(find('model')).toMatchObject({ status: 'warning' })
    expect(find('model')?.cure).toContain('flocap pull base')
  })

  it('finds fault with a model that cannot be had, and ends with code 1', async () => {
    const { code, verdict, find } = await examine(['--model', 'base', '--offline'])
    expect(code).toBe(1)
    expect(verdict).toBe('problem')
    expect(find('model')?.detail).toContain('FloCap is offline')
    expect(find('self-test')?.status).toBe('ok')
  })

  it('finds fault with a cache folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const { code, find } = await examine([], { FLOCAP_HOME: file })
    expect(code).toBe(1)
    expect(find('cache folder')).toMatchObject({ status: 'problem' })
    expect(find('cache folder')?.cure).toContain('--home')
  })

  it('notes that the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { find } = await examine(['--port', String(port)])
    other.close()
    expect(find('port')).toMatchObject({ status: 'warning' })
    expect(find('port')?.detail).toContain(`${port} is taken`)
  })
})
