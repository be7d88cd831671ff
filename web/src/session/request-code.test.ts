// The code that the page shows is run: by a shell, by Python, by Node, against the HTTP layer.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { startTestServer } from '../../../test/support/http-app.ts'
import { PNG } from '../../../test/support/pictures.ts'
import { type CodeOptions, requestCodes } from './request-code.ts'

const run = promisify(execFile)
const KEY = 'secret-key'
const PICTURE = 'it\'s a "dot", 100 %.png'

const PROGRAMS: Readonly<Record<string, (code: string) => readonly [string, string[]]>> = {
  curl: (code) => ['sh', ['-c', code]],
  Python: (code) => ['python3', ['-c', code]],
  JavaScript: (code) => [process.execPath, ['--input-type=module', '-e', code]],
}

async function isThere(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  )
}
const missing = new Set<string>()
for (const [language, program] of [
  ['curl', 'curl'],
  ['Python', 'python3'],
] as const) {
  if (process.platform === 'win32' || !(await isThere(program))) missing.add(language)
}

const one = { questions: [{ task: 'vqa', input: "Who's 100 % “here”?" }], settings: {} }
const several = {
  questions: [
    { task: 'caption' },
    { task: 'region_to_ocr', region: [1, 2, 30, 40] as const },
    { task: 'vqa', input: String.raw`A \n "quoted" $HOME?` },
  ],
  settings: { num_beams: 1, prefix: 'A ' },
}

describe('the code of a request', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flocap-code-'))
    await writeFile(join(folder, PICTURE), PNG)
  })
  afterAll(async () => rm(folder, { recursive: true }))

  it.each(
    Object.keys(PROGRAMS).flatMap((language) =>
      [one, several].map((asked) => [language, asked.questions.length, asked] as const),
    ),
  )('runs in %s with %i questions', async (language, _count, asked) => {
    if (missing.has(language)) return
    const captioner = createFakeCaptioner()
    const server = await startTestServer({ captioner, settings: { apiKeys: [KEY] } })
    try {
      const options: CodeOptions = { address: server.url, key: KEY, picture: PICTURE, asked }
      const code = requestCodes(options).find((each) => each.language === language)!.code
      const [program, options_] = PROGRAMS[language]!(code)
      const { stdout } = await run(program, options_, { cwd: folder })
      expect(stdout).toContain('A ')
      expect(captioner.calls.map(({ request }) => request)).toMatchObject(
        asked.questions.map(({ task, ...question }) => ({
          task,
          ...('input' in question ? { input: question.input } : {}),
          ...('region' in question ? { region: { box: [...question.region] } } : {}),
          generation: 'num_beams' in asked.settings ? { numBeams: 1 } : {},
        })),
      )
    } finally {
      await server.close()
    }
  })
})
