import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../../test/support/small-disk.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { openOutputLog } from './output-log.ts'

describe('an output', () => {
  it('takes lines in the order they come, however many at once', async () => {
    const path = join(temporaryFolder(), 'output.jsonl')
    const log = await openOutputLog(path)
    const lines = Array.from({ length: 200 }, (_, index) => `${index} ${'ü'.repeat(index)}`)
    await Promise.all(lines.map(async (line) => log.append(line)))
    await log.flush()
    await log.close()
    expect(readFileSync(path, 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''))
  })

  it.each([
    ['', ''],
    ['torn', ''],
    ['whole\n', 'whole\n'],
    ['whole\ntorn', 'whole\n'],
    [`whole\n${'t'.repeat(200_000)}`, 'whole\n'],
    [`${'w'.repeat(200_000)}\ntorn`, `${'w'.repeat(200_000)}\n`],
    ['t'.repeat(200_000), ''],
  ])('loses a torn last line when it is opened again', async (before, after) => {
    const path = join(temporaryFolder(), 'output.jsonl')
    writeFileSync(path, before)
    const log = await openOutputLog(path)
    expect(log.size).toBe(after.length)
    await log.append('next')
    await log.close()
    expect(readFileSync(path, 'utf8')).toBe(`${after}next\n`)
  })

  it.skipIf(!HAS_SMALL_DISKS)('has no half line when the disk is full, and goes on', async () => {
    const disk = mountSmallDisk('size=1m')
    if (disk === undefined) throw new Error('There are small disks.')
    try {
      const path = join(disk.path, 'output.jsonl')
      const log = await openOutputLog(path)
      await log.append('first')
      await expect(log.append('x'.repeat(2_000_000))).rejects.toMatchObject({ code: 'ENOSPC' })
      expect(readFileSync(path, 'utf8')).toBe('first\n')
      await log.append('second')
      await log.close()
      expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n')
    } finally {
      disk.remove()
    }
  })
})
