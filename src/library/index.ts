// `import { createCaptioner, FlocapError, tasks } from 'flocap'`: everything that programs may rely on.
export { FlocapError } from '../base/errors.ts'
export type { ErrorCode, Retry } from '../base/errors.ts'
export type { Device } from '../base/devices.ts'
export type { Region } from '../caption/region.ts'
export type { LabelledBox, LabelledPolygon, LabelledQuad } from '../caption/task-data.ts'
export type { Precision } from '../config/settings.ts'
export type {
  Answer,
  BoxData,
  BoxOrPolygonData,
  ModelInfo,
  PolygonData,
  QuadData,
  StructuredAnswer,
  TaskAnswers,
  TaskId,
  TextData,
} from './answers.ts'
export type { Ask, Question, SearchOptions, TaskOf } from './asks.ts'
export type { BatchResult } from './batch.ts'
export type { AnswersOf, BatchOptions, CallOptions, Captioner, DrawOptions } from './captioner.ts'
export { createCaptioner } from './create-captioner.ts'
export type { CaptionerOptions, Progress } from './options.ts'
export type { Picture } from './picture.ts'
export type { CaptionStream } from './stream.ts'
export type { JsonSchema, StandardSchema } from './structured.ts'
export { type TaskInfo, tasks } from './tasks.ts'
