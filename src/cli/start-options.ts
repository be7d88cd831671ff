// What a start of the command says and asks at the terminal.
import type { StartOptions } from '../app/start-model.ts'
import { createConfirm } from './confirm.ts'
import { createProgressPrinters } from './progress.ts'

export function startOptions(): StartOptions {
  const confirm = createConfirm()
  return { onInstall: createProgressPrinters(), ...(confirm === undefined ? {} : { confirm }) }
}
