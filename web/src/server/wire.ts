// What the server says, read by the very schemas that its API is made of: nothing is written twice.
import './without-eval.ts'
import { z } from 'zod'
import { ReadyResponse } from '../../../src/http/surfaces/health/schema.ts'
import {
  AnswerDelta,
  ErrorResponse,
  NativeRequest,
  NativeResponse,
  StatusResponse,
  TasksResponse,
} from '../../../src/http/surfaces/native/schema.ts'

export { AnswerDelta, ErrorResponse, NativeResponse, ReadyResponse, StatusResponse, TasksResponse }

/** Paths of the sample pictures. */
export const SampleList = z.array(z.string())

export type Status = z.infer<typeof StatusResponse>
export type Readiness = z.infer<typeof ReadyResponse>
export type TaskList = z.infer<typeof TasksResponse>
export type TaskEntry = TaskList['tasks'][number]
export type AnsweredPicture = z.infer<typeof NativeResponse>['images'][number]
export type TaskAnswer = AnsweredPicture['answers'][number]
/** An answered picture, and who answered. */
export type Answered = AnsweredPicture & Pick<z.infer<typeof NativeResponse>, 'model' | 'demo'>
export const TaskAnswerSchema = NativeResponse.shape.images.element.shape.answers.element

/** What a request says besides its pictures and tasks: how to answer, and how to look. */
export const RequestSettings = NativeRequest.pick({
  num_beams: true,
  max_new_tokens: true,
  prefix: true,
  temperature: true,
  top_p: true,
  seed: true,
  background: true,
})
export type RequestSettings = z.infer<typeof RequestSettings>
