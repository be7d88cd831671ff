// `flocap pull <model>`: downloads a model or an adapter, or resumes an interrupted download.
import { formatBytes } from '../../base/format-bytes.ts'
import { toPrintable } from '../../base/printable.ts'
import { pullModel } from '../../app/manage-models.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { abortOnInterrupt } from '../interrupt.ts'
import { spell } from '../invocation.ts'
import { createProgressPrinter } from '../progress.ts'

export async function pull(
  model: string,
  { refresh = false, ...flags }: Flags & { readonly refresh?: boolean },
): Promise<void> {
  const installed = await pullModel(resolveSettings(flags, process.env), model, {
    refresh,
    signal: abortOnInterrupt(),
    onEvent: createProgressPrinter(model),
  })
  const name = toPrintable(model)
  console.log(
    `${name} is in ${toPrintable(installed.folder)} (${formatBytes(installed.sizeBytes)}).`,
  )
  const flag = installed.kind === 'model' ? '--model' : '--adapter'
  console.log(`Start FloCap with it: ${spell(`${flag} ${name}`)}`)
}
