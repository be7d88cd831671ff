// All answers at once: into the clipboard, or into a file of the kind that is wanted.
import { useState } from 'preact/hooks'
import { toProblem } from '../server/problem.ts'
import {
  type ResultRow,
  resultsCsv,
  resultsJson,
  resultsText,
  resultsTexts,
} from '../session/results.ts'
import type { Picture } from '../session/session.ts'
import { zipTexts } from '../session/zip-texts.ts'
import { CopyButton } from './copy-button.tsx'
import { saveFile } from './save-file.ts'
import { Toolbar } from './toolbar.tsx'

export interface ResultActionsProps {
  readonly pictures: readonly Picture[]
  readonly rows: readonly ResultRow[]
}

export function ResultActions({ pictures, rows }: ResultActionsProps) {
  const [fault, setFault] = useState<string>()
  const files: readonly [label: string, name: string, make: () => Blob | Promise<Blob>][] = [
    ['Download text files', 'captions.zip', async () => zipTexts(resultsTexts(pictures))],
    ['Download CSV', 'captions.csv', () => new Blob([resultsCsv(rows)], { type: 'text/csv' })],
    [
      'Download JSON',
      'captions.json',
      () => new Blob([resultsJson(pictures)], { type: 'application/json' }),
    ],
  ]
  const save = async (name: string, make: () => Blob | Promise<Blob>): Promise<void> => {
    setFault(undefined)
    try {
      saveFile(await make(), name)
    } catch (error) {
      setFault(toProblem(error).message)
    }
  }
  return (
    <Toolbar label="All answers">
      <CopyButton text={resultsText(rows)} what="answers">
        Copy all
      </CopyButton>
      {files.map(([label, name, make]) => (
        <button key={name} type="button" class="quiet" onClick={() => void save(name, make)}>
          {label}
        </button>
      ))}
      {fault === undefined ? null : (
        <span class="field-fault" role="alert">
          {fault}
        </span>
      )}
    </Toolbar>
  )
}
