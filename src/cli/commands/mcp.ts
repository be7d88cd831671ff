// `flocap mcp`: runs until its client closes standard input. Standard output is the client's alone.
import { startMcp } from '../../app/start-mcp.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'

export async function mcp(flags: Flags & { readonly server?: string }): Promise<void> {
  const app = await startMcp(resolveSettings(flags, process.env), { server: flags.server })
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
  })
  await Promise.race([app.ended, told])
  await app.close()
  // Standard input may be open still, and would keep the process.
  process.exit(0)
}
