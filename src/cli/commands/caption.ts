// `flocap caption <files...>`: captions to standard output, one line a file, without a server.
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { startLocalCaptioner } from '../../app/start-app.ts'
import { FlocapError } from '../../base/errors.ts'
import { findTask } from '../../caption/tasks.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { createProgressPrinter } from '../progress.ts'
import { reportFailure } from '../report.ts'

const STANDARD_INPUT = '-'

export async function caption(
  files: readonly string[],
  options: Flags & { readonly task: string; readonly json?: boolean },
): Promise<void> {
  const { task: taskName, json = false, ...flags } = options
  const task = findTask(taskName)
  const settings = resolveSettings(flags, process.env)
  const local = await startLocalCaptioner(settings, {
    onInstall: createProgressPrinter(settings.model),
  })
  if (local.captioner.model.demo) {
    console.error('flocap: answers of the demo model, which knows drawn scenes and nothing else')
  }
  try {
    for (const file of files) {
      try {
        const result = await local.captioner.caption({ picture: await readPicture(file), task })
        if (json) console.log(JSON.stringify({ file, ...result }))
        else console.log(files.length === 1 ? result.text : `${file}: ${result.text}`)
      } catch (error) {
        // One bad file does not lose the others.
        reportFailure(error, file)
        process.exitCode = 1
      }
    }
  } finally {
    await local.close()
  }
}

async function readPicture(file: string): Promise<Uint8Array> {
  if (file === STANDARD_INPUT) return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new FlocapError('missing_image', 'The file cannot be read.', {
      subject: file,
      hint: 'Check its name and whether you may read it.',
      cause: error,
    })
  }
}
