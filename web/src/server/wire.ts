// What the server says, read by the very schemas that its API is made of: nothing is written twice.
import './without-eval.ts'
import { z } from 'zod'
import { Batch as BatchSchema, BatchList } from '../../../src/http/surfaces/batches/schema.ts'
import { ReadyResponse } from '../../../src/http/surfaces/health/schema.ts'
import { ModelsResponse } from '../../../src/http/surfaces/manage/schema.ts'
import {
  AnswerDelta,
  ErrorResponse,
  NativeRequest,
  NativeResponse,
  StatusResponse,
  TasksResponse,
} from '../../../src/http/surfaces/native/schema.ts'

export {
  AnswerDelta,
  BatchList,
  BatchSchema,
  ErrorResponse,
  ModelsResponse,
  NativeResponse,
  ReadyResponse,
  StatusResponse,
  TasksResponse,
}

/** How files and batches say no: as OpenAI does. */
export const DialectError = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Paths of the sample pictures. */
export const SampleList = z.array(z.string())

export type Models = z.infer<typeof ModelsResponse>
export type ModelEntry = Models['models'][number]
export type Pull = NonNullable<Models['pull']>
export type Switch = NonNullable<Models['switch']>
export type ModelFailure = Pull['error']
export type Batch = z.infer<typeof BatchSchema>
export type Batches = z.infer<typeof BatchList>
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
