// `flocap caption` and the help texts, as a user types them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram, startServerForTest } from '../support/program.ts'
import { readSampleTruth, referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))
const options = { environment: { FLOCAP_HOME: home } }

/** A picture of one thing, another, and one of two things. */
const [ONE, OTHER, TWO] = ['scene-00.png', 'scene-02.png', 'scene-03.png'] as const
const [left, right] = readSampleTruth(TWO).things
const caption = (file: string): string => referenceCaption(file, '<CAPTION>')

describe('flocap caption', () => {
  it('prints the caption of a file and nothing else on standard output', async () => {
    const { code, stdout, stderr } = await runProgram(['caption', samplePath(ONE)], options)
    expect(code).toBe(0)
    expect(stdout).toBe(`${referenceCaption(ONE, '<MORE_DETAILED_CAPTION>')}\n`)
    expect(stderr).toContain('demo model')
  })

  it('goes on after a file that cannot be captioned, and says which it was', async () => {
    const broken = join(home, 'broken.jpg')
    writeFileSync(broken, 'not a picture')
    const files = [broken, join(home, 'missing.png'), samplePath(OTHER)]
    const { code, stdout, stderr } = await runProgram(['caption', ...files], options)
    expect(code).toBe(1)
    expect(stdout).toContain(`${OTHER}: ${referenceCaption(OTHER, '<MORE_DETAILED_CAPTION>')}`)
    expect(stderr).toContain(`${broken}: `)
    expect(stderr).toContain('missing.png: There is no such file.')
    expect(stderr).toContain('captioned 1, failed 2')
  })

  it('reads a picture from standard input', async () => {
    const input = readFileSync(samplePath(OTHER))
    const { stdout } = await runProgram(['caption', '-', '--task', 'caption'], {
      ...options,
      input,
    })
    expect(stdout).toBe(`${caption(OTHER)}\n`)
  })

  it('prints results as JSON lines', async () => {
    const files = [samplePath(ONE), samplePath(OTHER)]
    const { stdout } = await runProgram(
      ['caption', '--json', '--task', 'caption', ...files],
      options,
    )
    const results = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(results).toMatchObject([
      { file: files[0], answers: [{ task: 'caption', text: caption(ONE) }] },
      { file: files[1], answers: [{ task: 'caption', text: caption(OTHER) }] },
    ])
  })

  it('answers several tasks in one pass, and draws what they found', async () => {
    const drawing = join(home, 'drawn.png')
    const args = ['caption', '--task', 'caption,od', '--draw', drawing, samplePath(TWO)]
    const { code, stdout } = await runProgram(args, options)
    expect(code).toBe(0)
    const boxes = `od: ${left?.name}: .*\nod: ${right?.name}: `
    expect(stdout).toMatch(new RegExp(`^caption: ${caption(TWO)}\n${boxes}`))
    expect(readFileSync(drawing).subarray(1, 4).toString()).toBe('PNG')
  })

  it('draws the same with a running server', async () => {
    const server = await startServerForTest(['--model', 'bundled'])
    const drawings = [[], ['--server', server.url]].map((way, index) => ({
      way,
      file: join(home, `drawn-${index}.png`),
    }))
    for (const { way, file } of drawings) {
      const args = ['caption', '--task', 'od', '--draw', file, ...way, samplePath(TWO)]
      const { code, stderr } = await runProgram(args, options)
      expect([code, stderr]).toEqual([0, expect.stringContaining('demo model')])
    }
    const [here, there] = drawings.map(({ file }) => readFileSync(file))
    expect(there).toEqual(here)
  })

  it('locates what a caption names', async () => {
    const args = ['caption', '--task', 'caption', '--ground', samplePath(TWO)]
    const { stdout } = await runProgram(args, options)
    expect(stdout).toMatch(
      new RegExp(`^${caption(TWO)}\n.*${left?.name}.*: \\d+, \\d+, \\d+, \\d+`),
    )
  })

  it('takes a region in pixels or in fractions', async () => {
    const ask = async (region: string): Promise<string> =>
      (
        await runProgram(
          ['caption', '--task', 'region_to_category', '--region', region, samplePath(TWO)],
          options,
        )
      ).stdout
    const { width, height } = readSampleTruth(TWO)
    const fractions = right?.box.map((edge, i) => edge / (i % 2 === 0 ? width : height))
    for (const region of [right?.box, fractions]) {
      expect(await ask(String(region))).toMatch(new RegExp(`^${right?.name}`))
    }
  })

  it('says what --draw and --region need', async () => {
    const draw = await runProgram(['caption', '--draw', 'x.gif', samplePath(ONE)], options)
    expect(draw.stderr).toContain('.png or .svg')
    const args = ['caption', '--task', 'region_to_category', '--region', '1,2', samplePath(ONE)]
    expect((await runProgram(args, options)).stderr).toContain('Expected a region')
  })

  it('knows chains of tasks by name', async () => {
    const args = ['caption', '--json', '--task', 'ocr+order,caption+grounding']
    const { stdout } = await runProgram([...args, samplePath(TWO)], options)
    expect(JSON.parse(stdout)).toMatchObject({
      answers: [
        { task: 'ocr+order', text: 'No text found.', lines: [] },
        { task: 'caption+grounding', caption: caption(TWO), data: { kind: 'boxes' } },
      ],
    })
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
    const args = ['caption', '--json', '--beams', '1', '--max-tokens', '4', samplePath(ONE)]
    const { stdout } = await runProgram(args, options)
    expect(JSON.parse(stdout)).toMatchObject({
      answers: [{ finishReason: 'length', usage: { completionTokens: 4 } }],
    })
  })

  it('says before it loads a model what a task lacks', async () => {
    const { code, stderr } = await runProgram(
      ['caption', '--task', 'detect', samplePath(ONE)],
      options,
    )
    expect(code).toBe(2)
    expect(stderr).toContain('Give --text')
    expect(stderr).not.toContain('demo model')
  })

  it('refuses a task that does not exist and lists those that do', async () => {
    const { code, stderr } = await runProgram(
      ['caption', '--task', 'poem', samplePath(ONE)],
      options,
    )
    expect(code).toBe(2)
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
