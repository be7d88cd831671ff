// `flocap caption` and the help texts, as a user types them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram } from '../support/program.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))
const options = { environment: { FLOCAP_HOME: home } }

const sample = (file: string): string =>
  fileURLToPath(new URL(`../../models/flocap-demo/samples/${file}`, import.meta.url))

describe('flocap caption', () => {
  it('prints the caption of a file and nothing else on standard output', async () => {
    const { code, stdout, stderr } = await runProgram(['caption', sample('scene-00.png')], options)
    expect(code).toBe(0)
    expect(stdout).toBe(
      'The image shows a camera on a purple background. The camera is at the bottom.\n',
    )
    expect(stderr).toContain('demo model')
  })

  it('goes on after a file that cannot be captioned, and says which it was', async () => {
    const broken = join(home, 'broken.jpg')
    writeFileSync(broken, 'not a picture')
    const files = [broken, join(home, 'missing.png'), sample('scene-02.png')]
    const { code, stdout, stderr } = await runProgram(['caption', ...files], options)
    expect(code).toBe(1)
    expect(stdout).toMatch(/scene-02\.png: .*tree.*blue/)
    expect(stderr).toContain(`${broken}: `)
    expect(stderr).toContain('missing.png: The file cannot be read.')
  })

  it('reads a picture from standard input', async () => {
    const input = readFileSync(sample('scene-02.png'))
    const { stdout } = await runProgram(['caption', '-', '--task', 'caption'], {
      ...options,
      input,
    })
    expect(stdout).toBe('A tree on a blue background.\n')
  })

  it('prints results as JSON lines', async () => {
    const files = [sample('scene-00.png'), sample('scene-02.png')]
    const { stdout } = await runProgram(
      ['caption', '--json', '--task', 'caption', ...files],
      options,
    )
    const results = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(results).toMatchObject([
      { file: files[0], task: 'caption', text: 'A camera on a purple background.' },
      { file: files[1], task: 'caption', text: 'A tree on a blue background.' },
    ])
  })

  it('answers several tasks in one pass, and draws what they found', async () => {
    const drawing = join(home, 'drawn.png')
    const args = ['caption', '--task', 'caption,od', '--draw', drawing, sample('scene-03.png')]
    const { code, stdout } = await runProgram(args, options)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^An egg and an owl .*\negg: .*\nowl: /)
    expect(readFileSync(drawing).subarray(1, 4).toString()).toBe('PNG')
  })

  it('locates what a caption names', async () => {
    const args = ['caption', '--task', 'caption', '--ground', sample('scene-03.png')]
    const { stdout } = await runProgram(args, options)
    expect(stdout).toMatch(/^An egg and an owl .*\n.*egg.*: \d+, \d+, \d+, \d+/)
  })

  it('takes a region in pixels or in fractions', async () => {
    const ask = async (region: string): Promise<string> =>
      (
        await runProgram(
          ['caption', '--task', 'region_to_category', '--region', region, sample('scene-03.png')],
          options,
        )
      ).stdout
    expect(await ask('422,313,551,488')).toMatch(/^owl/)
    expect(await ask('0.7,0.61,0.92,0.95')).toMatch(/^owl/)
  })

  it('says what --draw and --region need', async () => {
    const draw = await runProgram(['caption', '--draw', 'x.gif', sample('scene-00.png')], options)
    expect(draw.stderr).toContain('.svg or .png')
    const args = [
      'caption',
      '--task',
      'region_to_category',
      '--region',
      '1,2',
      sample('scene-00.png'),
    ]
    expect((await runProgram(args, options)).stderr).toContain('--region must be four numbers')
  })

  it('refuses a task that does not exist and lists those that do', async () => {
    const { code, stderr } = await runProgram(
      ['caption', '--task', 'poem', sample('scene-00.png')],
      options,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('poem')
    expect(stderr).toContain('more_detailed_caption')
  })
})

describe('flocap --help', () => {
  it.each([[['-h']], [['serve', '-h']], [['caption', '--help']]])('explains %j', async (args) => {
    const { code, stdout } = await runProgram(args, options)
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: flocap')
    expect(stdout).toContain('--help')
  })

  it('follows an unknown option with where help is', async () => {
    const { code, stderr } = await runProgram(['serve', '--prot', '80'], options)
    expect(code).toBe(1)
    expect(stderr).toContain("unknown option '--prot'")
    expect(stderr).toContain('--help')
  })
})
