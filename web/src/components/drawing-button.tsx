// Saves the picture with what one answer found drawn on it.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../server/problem.ts'
import { drawingName } from '../session/answers.ts'
import type { AnswerProps } from './answer.tsx'
import type { Layer } from '../session/layers.ts'
import { saveFile } from './save-file.ts'

export type DrawingButtonProps = Pick<AnswerProps, 'server' | 'picture' | 'given' | 'title'> & {
  readonly layer: Layer
}

export function DrawingButton({ server, picture, given, layer, title }: DrawingButtonProps) {
  const [problem, setProblem] = useState<Problem>()
  const { size } = picture
  if (size === undefined) return null
  const download = async (): Promise<void> => {
    setProblem(undefined)
    try {
      const drawing = await server.draw(picture, size, [layer.data])
      saveFile(drawing, drawingName(picture.name, given.answer.task))
    } catch (error) {
      setProblem(toProblem(error))
    }
  }
  return (
    <>
      <button type="button" class="quiet" onClick={() => void download()}>
        Download drawing<span class="visually-hidden"> of {title}</span>
      </button>
      {problem === undefined ? null : (
        <span class="field-fault" role="alert">
          {problem.message} {problem.hint}
        </span>
      )}
    </>
  )
}
