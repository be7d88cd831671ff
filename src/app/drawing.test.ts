import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { createDrawing } from './drawing.ts'

const PICTURE = new Uint8Array([1])

describe('drawings', () => {
  it('are made two at a time for each engine; beyond those that wait they are refused', async () => {
    const held: (() => void)[] = []
    const draw = async () => {
      await new Promise<void>((resolve) => held.push(resolve))
      return PICTURE
    }
    const drawing = createDrawing({ draw }, { background: 'reference', engines: 2, maxQueue: 1 })
    const under = Array.from({ length: 5 }, () => drawing.png(PICTURE, '<svg/>'))
    await expect.poll(() => held.length).toBe(4)
    const error = await caughtError(() => drawing.preview(PICTURE, '<svg/>'))
    expect(error).toMatchObject({ code: 'queue_full', message: expect.stringContaining('1') })
    held.shift()?.()
    await expect.poll(() => held.length).toBe(4)
    const next = drawing.preview(PICTURE, '<svg/>')
    for (let count = 0; count < 5; count += 1) {
      await expect.poll(() => held.length).toBeGreaterThan(0)
      held.shift()?.()
    }
    expect(await Promise.all([...under, next])).toHaveLength(6)
  })

  it('look at the picture as the settings say, unless a request says otherwise', async () => {
    const asked: unknown[] = []
    const draw = async (...question: unknown[]) => {
      asked.push(question.slice(1))
      return PICTURE
    }
    const drawing = createDrawing({ draw }, { background: 'black', engines: 1, maxQueue: 1 })
    await drawing.png(PICTURE, 'a')
    await drawing.preview(PICTURE, 'b', { applyOrientation: false })
    expect(asked).toEqual([
      ['a', { applyOrientation: true, background: 'black' }, 'png'],
      ['b', { applyOrientation: false, background: 'black' }, 'preview'],
    ])
  })
})
