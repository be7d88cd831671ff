// A download on standard error: one line that is rewritten on a terminal, a line now and then in a log.
import { formatBytes } from '../base/format-bytes.ts'
import { toPrintable } from '../base/printable.ts'
import {
  describeProgress,
  hostOf,
  type InstallEvent,
  type OnInstallEvent,
  toPercent,
} from '../app/install-progress.ts'

/** In a log: every ten per cent. */
const LOG_STEP_PERCENT = 10
/** Clears what an earlier, longer line has left. */
const CLEAR_LINE = '\r\u001B[K'

export interface ProgressSink {
  readonly isTTY: boolean
  write(text: string): void
}

/** For everything that a start fetches, each by its name. */
export function createProgressPrinters(): (event: InstallEvent, name: string) => void {
  const printers = new Map<string, OnInstallEvent>()
  return (event, name) => {
    const printer = printers.get(name) ?? createProgressPrinter(name)
    printers.set(name, printer)
    printer(event)
  }
}

/** @param name as the user named it. */
export function createProgressPrinter(
  name: string,
  sink: ProgressSink = {
    isTTY: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  },
): OnInstallEvent {
  const model = toPrintable(name)
  let isOpen = false
  let loggedPercent = -LOG_STEP_PERCENT

  /** A line that stays. */
  function print(line: string): void {
    sink.write(isOpen ? `${CLEAR_LINE}${line}\n` : `${line}\n`)
    isOpen = false
  }

  function printProgress(event: Extract<InstallEvent, { kind: 'file-progress' }>): void {
    const percent = toPercent(event.totalReceived, event.totalBytes)
    const line = `Downloading ${model}: ${percent} % of ${formatBytes(event.totalBytes)}`
    if (sink.isTTY) {
      sink.write(`${CLEAR_LINE}${line}, ${toPrintable(event.path)}`)
      isOpen = true
    } else if (percent >= loggedPercent + LOG_STEP_PERCENT) {
      loggedPercent = percent - (percent % LOG_STEP_PERCENT)
      print(line)
    }
  }

  return (event) => {
    switch (event.kind) {
      case 'file-progress':
        printProgress(event)
        break
      case 'lock-wait':
        print(`${model}: ${describeProgress(event)}`)
        break
      case 'hub-question':
        print(`Asking ${hostOf(event.endpoint)} for ${model}.`)
        break
      case 'hub-retry':
        print(retryLine(event))
        break
      case 'file-retry':
        print(`${toPrintable(event.path)}: ${retryLine(event)}`)
        break
      case 'download-end':
        print(`Downloaded ${model}; every file has the announced hash.`)
        break
      case 'download-start':
        print(`Downloading ${model}: ${event.files} files, ${formatBytes(event.totalBytes)}.`)
        break
      case 'file-end':
        break
    }
  }
}

function retryLine({ reason, pauseMs }: { readonly reason: string; readonly pauseMs: number }) {
  return `${toPrintable(reason)} Trying again in ${Math.ceil(pauseMs / 1000)} s.`
}
