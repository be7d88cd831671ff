// Asks a probe inside a process under test (probe-writer.mjs) for its figures.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { z } from 'zod'

/** How often this process was asked. */
const Counted = z.object({ written: z.number() })

/** @param timeout milliseconds for a process that may be busy; by default as for every poll. */
export async function askProbe<Figures extends z.ZodObject>(
  schema: Figures,
  pid: number,
  folder: string,
  { timeout }: { readonly timeout?: number } = {},
): Promise<z.output<Figures>> {
  const file = join(folder, `${pid}.json`)
  const timesAsked = (): number =>
    z.union([Counted, z.undefined()]).parse(readIfThere(file))?.written ?? 0
  const before = timesAsked()
  process.kill(pid, 'SIGUSR2')
  const patience = timeout === undefined ? {} : { timeout }
  await expect.poll(timesAsked, { interval: 10, ...patience }).toBe(before + 1)
  return schema.parse(readIfThere(file))
}

function readIfThere(file: string): unknown {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return content
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
