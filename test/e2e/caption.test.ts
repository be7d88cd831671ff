// `flocap caption` and the help texts, as a user types them.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
    expect(stdout).toMatch(/^caption: An egg and an owl .*\nod: egg: .*\nod: owl: /)
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
    expect(draw.stderr).toContain('.png or .svg')
    const args = [
      'caption',
      '--task',
      'region_to_category',
      '--region',
      '1,2',
      sample('scene-00.png'),
    ]
    expect((await runProgram(args, options)).stderr).toContain('Expected a region')
  })

  it('knows chains of tasks by name', async () => {
    const args = ['caption', '--json', '--task', 'ocr+order,caption+grounding']
    const { stdout } = await runProgram([...args, sample('scene-03.png')], options)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(answers).toMatchObject([
      { task: 'ocr+order', text: 'No text found.', lines: [] },
      {
        task: 'caption+grounding',
        caption: { task: 'caption', data: { kind: 'text' } },
        grounding: { task: 'caption_to_phrase_grounding', data: { kind: 'boxes' } },
      },
    ])
  })

  it('draws a turned picture upright, as SVG with the picture inside', async () => {
    const photo = fileURLToPath(
      new URL('../fixtures/pictures/jpg-orientation-6.jpg', import.meta.url),
    )
    const drawing = join(home, 'drawn.svg')
    const args = ['caption', '--task', 'od,ocr_with_region', '--draw', drawing, photo]
    expect((await runProgram(args, options)).code).toBe(0)
    const svg = readFileSync(drawing, 'utf8')
    const [, png = ''] = /href="data:image\/png;base64,([^"]*)"/.exec(svg) ?? []
    const header = Buffer.from(png, 'base64')
    expect(svg).toContain(
      `width="${header.readUInt32BE(16)}" height="${header.readUInt32BE(20)}" font`,
    )
  })

  it('searches as wide and as far as it is told', async () => {
    const args = ['caption', '--json', '--beams', '1', '--max-tokens', '4', sample('scene-00.png')]
    const { stdout } = await runProgram(args, options)
    expect(JSON.parse(stdout)).toMatchObject({
      finishReason: 'length',
      usage: { completionTokens: 4 },
    })
  })

  it('captions folders into sidecars, and only what has none', async () => {
    const album = join(home, 'album')
    mkdirSync(join(album, 'inner'), { recursive: true })
    copyFileSync(sample('scene-00.png'), join(album, 'a.png'))
    copyFileSync(sample('scene-02.png'), join(album, 'inner', 'b.png'))
    const run = async (...more: string[]) =>
      runProgram(['caption', album, '--task', 'caption', '--sidecar', 'txt', ...more], options)

    const first = await run()
    expect(first.stdout).toBe('A camera on a purple background.\n')
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe(first.stdout)

    writeFileSync(join(album, 'a.txt'), 'my own words')
    const second = await run('--recursive')
    expect(second.stderr).toContain('1 skipped')
    expect(second.stdout).toContain(`${join(album, 'inner', 'b.png')}: A tree`)
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe('my own words')
    expect(readFileSync(join(album, 'inner', 'b.txt'), 'utf8')).toBe(
      'A tree on a blue background.\n',
    )

    await run('--overwrite')
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe(first.stdout)
  })

  it('says before it loads a model what a task lacks', async () => {
    const { code, stderr } = await runProgram(
      ['caption', '--task', 'detect', sample('scene-00.png')],
      options,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('Give --text')
    expect(stderr).not.toContain('demo model')
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
