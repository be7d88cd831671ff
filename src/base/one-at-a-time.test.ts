import { expect, it } from 'vitest'
import { createOneAtATime } from './one-at-a-time.ts'

it('begins work when what came before has ended, also where that failed', async () => {
  const oneAtATime = createOneAtATime()
  const seen: string[] = []
  const work = (name: string, fails: boolean) => async () => {
    seen.push(`${name} begins`)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    seen.push(`${name} ends`)
    if (fails) throw new Error(name)
    return name
  }
  const ended = await Promise.allSettled([
    oneAtATime(work('a', true)),
    oneAtATime(work('b', false)),
    oneAtATime(work('c', false)),
  ])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(ended).toMatchObject([{ reason: { message: 'a' } }, { value: 'b' }, { value: 'c' }])
})
