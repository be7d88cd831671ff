// What a tool is: its words for agents, closed schemas on both sides, and a run over one call.
import type { z } from 'zod'
import type { CaptionResult, TaskRequest } from '../caption/captioner.ts'
import type { TaskData } from '../caption/task-data.ts'
import type { PictureSize } from '../caption/ports.ts'
import { parseFields } from '../http/body/json.ts'

/** One call of a tool, as the tool sees it: pictures in, results out. */
export interface ToolCall {
  /**
   * @param source as the agent wrote it: a data URL, a web address or a path.
   * @param field where it stands in the arguments, for messages.
   * @throws FlocapError when it is no picture that may be read.
   */
  readPicture(source: string, field: string): Promise<Uint8Array>
  /**
   * Answers the tasks in one pass of the vision encoder; their words are told as progress.
   * @param label in front of what is told, such as `Picture 2 of 3`.
   * @throws FlocapError as the captioner does.
   */
  ask(
    picture: Uint8Array,
    tasks: readonly TaskRequest[],
    label?: string,
  ): Promise<readonly CaptionResult[]>
  /**
   * A JPEG file of at most 1024 pixels: the picture with its findings on it.
   * @throws FlocapError `invalid_request` where nothing can draw.
   */
  draw(picture: Uint8Array, found: readonly TaskData[], size: PictureSize): Promise<Uint8Array>
  /** Such as `florence-2-base`. */
  modelId(): Promise<string>
}

export interface ToolAnswer<Structured> {
  /** For people; first among the blocks of the result. */
  readonly text: string
  readonly structured: Structured
  /** A JPEG file for the person who looks on. */
  readonly preview?: Uint8Array | undefined
  /** Nothing of what was asked for could be answered. */
  readonly failed?: boolean
}

interface ToolDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string
  readonly title: string
  /** What it does, what it gives, and its limits. */
  readonly description: string
  readonly input: Input
  readonly output: Output
  run(args: z.output<Input>, call: ToolCall): Promise<ToolAnswer<z.input<Output>>>
}

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: z.ZodType
  readonly output: z.ZodType
  /** @throws FlocapError `invalid_request` that names the argument which does not fit. */
  run(args: unknown, call: ToolCall): Promise<ToolAnswer<unknown>>
}

/** A tool whose arguments are checked by its own schema before it runs. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  return {
    ...definition,
    run: async (args, call) => definition.run(parseFields(definition.input, args), call),
  }
}
