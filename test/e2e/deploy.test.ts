// The container files, as far as they can be checked without a container engine.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { DEFAULT_HTTP_SETTINGS } from '../../src/http/settings.ts'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const DOCKERFILES = ['deploy/Dockerfile', 'deploy/Dockerfile.cuda']

const packageSchema = z.object({
  files: z.array(z.string()),
  scripts: z.record(z.string(), z.string()),
})

const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

/** What each COPY of a file takes from the repository, in order. */
function copiedFromContext(dockerfile: string): string[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
}

/** Each begins with its FROM. */
function stages(dockerfile: string): string[] {
  return dockerfile.split(/^(?=FROM )/m).slice(1)
}

describe.each(DOCKERFILES)('%s', (file) => {
  const dockerfile = read(file)

  it('has no fault that a linter sees', () => {
    const faults = validate(dockerfile).map(({ code, range }) => ({
      line: range.start.line + 1,
      code,
    }))
    expect(faults).toEqual([])
  })

  it('copies only what is there', () => {
    const missing = copiedFromContext(dockerfile).filter(
      (path) => !existsSync(join(REPOSITORY, path)),
    )
    expect(missing).toEqual([])
  })

  it('takes its base images from arguments, so that a digest can be given', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(bases.length).toBeGreaterThan(1)
    for (const base of bases) {
      const name = /^\$\{(\w+)\}$/.exec(base ?? '')?.[1]
      expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=\\S+:\\S+$`, 'm'))
    }
  })

  it('runs as nobody in particular, and says whether it is well', () => {
    const last = stages(dockerfile).at(-1) ?? ''
    expect(last).toMatch(/^USER \d+:\d+$/m)
    expect(last).toMatch(/^HEALTHCHECK /m)
  })
})

it('the images are built from the same files', () => {
  const [cpu, cuda] = DOCKERFILES.map((file) => copiedFromContext(stages(read(file))[0] ?? ''))
  expect(cuda).toEqual(cpu)
})

it('the images have every tool that the build runs', () => {
  const { build } = packageSchema.parse(JSON.parse(read('package.json'))).scripts
  const tools = [...(build ?? '').matchAll(/\btools\/[\w-]+\.mjs/g)].map(([file]) => file)
  expect(tools.length).toBeGreaterThan(1)
  expect(copiedFromContext(read('deploy/Dockerfile'))).toEqual(expect.arrayContaining(tools))
})

it('the images leave nothing out that the package has', () => {
  const { files } = packageSchema.parse(JSON.parse(read('package.json')))
  const shipped = stages(read('deploy/Dockerfile')).at(-1) ?? ''
  const needed = files
    .map((path) => path.split('/')[0]!)
    .filter((path) => !/^(?:docs|deploy|!.*|.*\.md)$/.test(path))
  for (const path of needed) expect(shipped).toMatch(new RegExp(`^COPY .*\\b${path}\\b`, 'm'))
})

const Compose = z.object({
  services: z.record(z.string(), z.looseObject({ stop_grace_period: z.string().optional() })),
})

describe.each(['deploy/compose.yaml', 'deploy/compose.replicas.yaml'])('%s', (file) => {
  const services = Object.entries(Compose.parse(parse(read(file))).services)

  it.each(services)('gives %s bounds, and no rights that it does not need', (_, service) => {
    expect(service).toMatchObject({
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      pids_limit: expect.any(Number),
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(service['privileged']).toBeUndefined()
  })

  it.each(services)('publishes %s to this machine only', (_, service) => {
    const ports = z.array(z.string()).default([]).parse(service['ports'])
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('lets requests that run come to their end', () => {
    // As long as the server itself waits for them, at least.
    const [, { stop_grace_period: grace = '' }] = services.find(([name]) => name === 'flocap')!
    expect(Number(grace.replace('s', ''))).toBeGreaterThan(
      DEFAULT_HTTP_SETTINGS.shutdownGraceMs / 1000,
    )
  })
})
