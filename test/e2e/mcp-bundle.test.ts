// What installs FloCap into agents' programs: the bundle and the entry of the registry start what they
// should, in the version of this package.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getMcpConfigForManifest, unpackExtension, v0_3 } from '@anthropic-ai/mcpb'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { PROGRAM } from '../support/program.ts'
import { listRightSamples } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SAMPLES = join(ROOT, 'models/flocap-demo/samples')

const Package = z.object({ version: z.string(), mcpName: z.string(), name: z.string() })
const Entry = z.object({
  name: z.string(),
  description: z.string().max(100),
  version: z.string(),
  packages: z.tuple([
    z.looseObject({ registryType: z.literal('npm'), identifier: z.string(), version: z.string() }),
  ]),
})

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const PACKAGE = Package.parse(readJson(join(ROOT, 'package.json')))

it('the bundle starts this version on the folders that its user has chosen', async () => {
  const work = createFolder()
  onTestFinished(() => removeFolder(work))
  const bundle = join(work, 'flocap.mcpb')
  execFileSync(process.execPath, [
    join(ROOT, 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js'),
    'pack',
    join(ROOT, 'deploy/mcpb'),
    bundle,
  ])
  const unpacked = join(work, 'unpacked')
  mkdirSync(unpacked)
  expect(await unpackExtension({ mcpbPath: bundle, outputDir: unpacked, silent: true })).toBe(true)
  const manifest = v0_3.McpbManifestSchema.parse(readJson(join(unpacked, 'manifest.json')))
  expect(manifest.version).toBe(PACKAGE.version)

  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: unpacked,
    systemDirs: {},
    userConfig: { folders: [work, SAMPLES] },
    pathSeparator: '/',
  })
  const [yes, asked, ...args] = config?.args ?? []
  expect([config?.command, yes, asked]).toEqual(['npx', '-y', `flocap@${PACKAGE.version}`])

  // What npx would start is here already.
  const client = new Client({ name: 'test', version: '1' })
  onTestFinished(async () => client.close())
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, ...args],
      env: { FLOCAP_HOME: work, FLOCAP_MODEL: 'bundled' },
      stderr: 'ignore',
    }),
  )
  const { tools } = await client.listTools()
  expect(manifest.tools?.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
  const image = join(SAMPLES, listRightSamples()[0]!.file)
  const read = await client.callTool({ name: 'read_text', arguments: { image } })
  expect(read.isError).toBeUndefined()
})

it("the registry's entry names this package and version", () => {
  const entry = Entry.parse(readJson(join(ROOT, 'server.json')))
  expect(entry).toMatchObject({ name: PACKAGE.mcpName, version: PACKAGE.version })
  expect(entry.packages[0]).toMatchObject({
    identifier: PACKAGE.name,
    version: PACKAGE.version,
  })
})
