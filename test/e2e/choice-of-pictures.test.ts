// Which pictures `flocap caption` takes: --from, --exclude, --limit and --sample, as --dry-run tells them.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram } from '../support/program.ts'
import { samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))

const NAMES = ['a.png', 'b.png', 'c.png', 'd.png', 'inner/e.png']

function createAlbum(): string {
  const album = temporaryFolder()
  mkdirSync(join(album, 'inner'))
  for (const name of NAMES) copyFileSync(samplePath('scene-00.png'), join(album, name))
  return album
}

async function chosen(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await runProgram(['caption', '--dry-run', ...args], {
    environment: { FLOCAP_HOME: home },
    ...(input === undefined ? {} : { input: Buffer.from(input) }),
  })
  const names = [...stdout.matchAll(/^ {2}(\S+\.png)$/gm)].map(([, path = '']) => basename(path))
  return { code, names, stderr }
}

describe('the pictures of a run', () => {
  it('come from a list, from a file or from standard input', async () => {
    const album = createAlbum()
    const list = join(album, 'list.txt')
    writeFileSync(list, `\uFEFF${join(album, 'b.png')}\r\n\r\n${join(album, 'inner')}\r\n`)
    expect(await chosen(['--from', list])).toMatchObject({ code: 0, names: ['b.png', 'e.png'] })
    const divided = `${join(album, 'd.png')}\0${join(album, 'a.png')}\0`
    expect((await chosen(['--from', '-'], divided)).names.toSorted()).toEqual(['a.png', 'd.png'])
    expect(await chosen(['--from', join(album, 'none.txt')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no such file.'),
    })
  })

  it('are those that are not excluded, at most as many as the limit', async () => {
    const album = createAlbum()
    const all = ['-r', album]
    expect((await chosen([...all, '--exclude', '{a,c}.png'])).names).toEqual([
      'b.png',
      'd.png',
      'e.png',
    ])
    expect((await chosen([...all, '--exclude', 'inner/**', '--exclude', 'a*'])).names).toEqual([
      'b.png',
      'c.png',
      'd.png',
    ])
    expect((await chosen([...all, '--exclude', 'a.png', '--limit', '2'])).names).toEqual([
      'b.png',
      'c.png',
    ])
    expect(await chosen([...all, '--limit', '0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('for --limit, got "0"'),
    })
  })

  it('are the same sample each time, also of a folder that has grown by excluded ones', async () => {
    const album = createAlbum()
    const args = ['-r', album, '--sample', '3', '--exclude', 'x*']
    const first = await chosen(args)
    expect(first.names).toHaveLength(3)
    copyFileSync(samplePath('scene-00.png'), join(album, 'x.png'))
    expect((await chosen(args)).names).toEqual(first.names)
    expect((await chosen(['-r', album, '--sample', '99'])).names).toHaveLength(6)
  })
})
