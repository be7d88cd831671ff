// The model that a server answers with, and its replacement by another one without a restart.
//
// One model is in memory at a time. The old one finishes what it has begun and ends, then the new one is
// loaded, and requests that come meanwhile wait as for any model that is being loaded. Both side by side
// would save that wait, but need the memory of both: two times large is what most machines do not have, and
// how much is free can be told of hardly any container. A new model that cannot be loaded makes way for the
// old one, whose compiled form is still there.
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { type CaptionerOptions, createModelCaptioner } from '../caption/model-captioner.ts'
import type {
  DrawingForm,
  LookRequest,
  ModelDescription,
  PictureLook,
  PictureView,
} from '../caption/ports.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import type { LoadingProgress } from '../engine/protocol.ts'
import type { Restarts } from '../engine/supervisor.ts'
import { describeUnloaded } from '../engine/unloaded.ts'
import type { Readiness } from '../http/surface.ts'
import type { CheckpointChoice } from './choose-checkpoint.ts'
import type { LateModel, LoadWait } from './late-model.ts'
import { describeLoading } from './install-progress.ts'
import { waitAtMost } from './wait-at-most.ts'

export interface ServedModelOptions {
  readonly choice: CheckpointChoice
  /** Begins to load a model. @param onLoading told how far it is. */
  readonly start: (
    choice: CheckpointChoice,
    onLoading?: (progress: LoadingProgress) => void,
  ) => LateModel
  readonly background: CaptionerOptions['background']
  /** Milliseconds that a request waits for a model; 0 refuses it at once. */
  readonly loadWaitMs: number
  readonly logger: Logger
}

/** A model with what belongs to it. */
interface Served {
  readonly choice: CheckpointChoice
  readonly late: LateModel
  readonly captioner: TasksCaptioner
  /** Requests inside of it. */
  asking: number
  /** Called when there is none any more. */
  onIdle: () => void
}

interface Switching {
  readonly choice: CheckpointChoice
  /** Resolves when one model or the other is to be asked again. */
  readonly settled: Promise<void>
  /** `compiling 40 %`; undefined until that begins. */
  progress: string | undefined
}

export class ServedModel {
  readonly #options: ServedModelOptions
  #current: Served
  #switching: Switching | undefined
  #isClosed = false
  /** Of engines of models that were served before. */
  #earlierRestarts: Restarts = { died: 0, hung: 0, memory: 0 }
  /** Each request by the model that is served when it has its turn, with what that one knows. */
  readonly captioner: TasksCaptioner

  constructor(options: ServedModelOptions) {
    this.#options = options
    this.#current = this.#serve(options.choice)
    this.captioner = createTasksCaptioner(
      () => this.description,
      async (request, hooks = {}) =>
        this.#use(async ({ captioner }) => captioner.captionTasks(request, hooks), hooks.signal),
    )
  }

  /** What is served, or will be when the switch in progress has ended. */
  get choice(): CheckpointChoice {
    return this.#switching?.choice ?? this.#current.choice
  }

  /** Until the model is loaded only its name is known. */
  get description(): ModelDescription {
    if (this.#switching === undefined) return this.#current.late.description
    const { id, demo } = this.#switching.choice
    return describeUnloaded({ modelId: id, demo })
  }

  /** How far the switch in progress is, for people; undefined without one. */
  get switching(): { readonly progress: string } | undefined {
    return this.#switching && { progress: this.#switching.progress ?? 'finishing what was begun' }
  }

  get readiness(): Readiness {
    if (this.#switching === undefined) return this.#current.late.readiness
    const { choice, progress } = this.#switching
    const how = progress === undefined ? '' : `, ${progress}`
    return { ready: false, reason: `switching to ${choice.id}${how}` }
  }

  get restarts(): Restarts {
    return sumOf(this.#earlierRestarts, this.#current.late.restarts)
  }

  get residentBytes(): number {
    return this.#current.late.residentBytes
  }

  /** Resolves when requests can be answered. @throws FlocapError when the model cannot be had. */
  async ready(): Promise<void> {
    await this.#throughSwitches(async (late) => late.ready())
  }

  /** As `ready`, but waits through failures that are followed by another attempt. */
  async eventuallyReady(): Promise<void> {
    await this.#throughSwitches(async (late) => late.eventuallyReady())
  }

  /** As `LateModel.loaded`, through switches too. */
  async loaded({ signal, waitedMs = 0 }: LoadWait = {}): Promise<void> {
    const came = performance.now()
    const left = (): number => this.#options.loadWaitMs - waitedMs - (performance.now() - came)
    for (;;) {
      while (this.#switching !== undefined) {
        const { settled } = this.#switching
        await waitAtMost(async () => settled, { ms: left(), signal, late: () => this.#late() })
      }
      const { late } = this.#current
      try {
        await late.loaded({ signal, waitedMs: this.#options.loadWaitMs - left() })
        return
      } catch (error) {
        // A model that was being loaded is given up for another one.
        if (signal?.aborted || !this.#wasReplaced(late)) throw error
      }
    }
  }

  /** As `LateModel.described`. */
  async described(wait: LoadWait = {}): Promise<void> {
    await this.loaded(wait)
    await this.#current.late.described(wait)
  }

  async draw(
    picture: Uint8Array,
    overlay: string,
    view: PictureView,
    form: DrawingForm = 'png',
  ): Promise<Uint8Array> {
    return this.#use(async ({ late }) => late.draw(picture, overlay, view, form))
  }

  async look(request: LookRequest): Promise<PictureLook> {
    return this.#use(async ({ late }) => late.look(request))
  }

  /**
   * Resolves when the other model is served. Requests that run end with the old one first.
   *
   * @throws FlocapError `models_busy` while another switch is in progress, `closed`, or what the new model
   *   fails with; the old one is then loaded again.
   */
  async switchTo(choice: CheckpointChoice): Promise<void> {
    if (this.#isClosed) throw closed()
    if (this.#switching !== undefined) throw switchingTo(this.#switching.choice)
    let settle = (): void => undefined
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    this.#switching = { choice, settled, progress: undefined }
    try {
      await this.#replace(choice)
    } finally {
      this.#switching = undefined
      settle()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { late } = this.#current
    await late.close()
    await this.#switching?.settled
    if (this.#current.late !== late) await this.#current.late.close()
  }

  async #replace(choice: CheckpointChoice): Promise<void> {
    const { logger } = this.#options
    const old = this.#current
    logger.info({ from: old.choice.id, to: choice.id }, 'switching to another model')
    await whenIdle(old)
    await old.late.close()
    this.#earlierRestarts = sumOf(this.#earlierRestarts, old.late.restarts)
    if (this.#isClosed) throw closed()
    this.#current = this.#serve(choice, (progress) => {
      if (this.#switching !== undefined) this.#switching.progress = describeLoading(progress)
    })
    const { late } = this.#current
    try {
      await late.ready()
      logger.info({ model: choice.id }, 'the model was switched')
    } catch (error) {
      if (this.#isClosed) throw closed()
      const failure = toFlocapError(error)
      logger.error({ err: failure, model: old.choice.id }, 'the model before is served again')
      await late.close()
      this.#current = this.#serve(old.choice)
      throw failure
    }
  }

  #serve(choice: CheckpointChoice, onLoading?: (progress: LoadingProgress) => void): Served {
    const { background, start } = this.#options
    const late = start(choice, onLoading)
    const { fineTuneTasks } = choice
    const captioner = createModelCaptioner(late, {
      ...(background === undefined ? {} : { background }),
      fineTuneTasks,
    })
    return { choice, late, captioner, asking: 0, onIdle: () => undefined }
  }

  /** One model from the beginning to the end of `work`; a switch waits for it. */
  async #use<T>(work: (served: Served) => Promise<T>, signal?: AbortSignal): Promise<T> {
    // A switch may have begun between the end of the wait and now.
    do await this.loaded({ signal })
    while (this.#switching !== undefined || this.#current.late.isLoading)
    const served = this.#current
    served.asking += 1
    try {
      return await work(served)
    } finally {
      served.asking -= 1
      if (served.asking === 0) served.onIdle()
    }
  }

  async #throughSwitches(wait: (late: LateModel) => Promise<void>): Promise<void> {
    for (;;) {
      await this.#switching?.settled
      const { late } = this.#current
      try {
        await wait(late)
        return
      } catch (error) {
        if (!this.#wasReplaced(late)) throw error
      }
    }
  }

  #wasReplaced(late: LateModel): boolean {
    if (this.#isClosed) return false
    return this.#switching !== undefined || this.#current.late !== late
  }

  #late(): FlocapError {
    return new FlocapError(
      'model_loading',
      `FloCap is switching to the model ${this.description.id}.`,
      { hint: 'Try again in a few seconds.', retryAfterSeconds: RETRY_SECONDS },
    )
  }
}

/** Loading takes seconds, where the model was compiled before. */
const RETRY_SECONDS = 5

/** For whoever wants to switch meanwhile. */
export function switchingTo({ id }: Pick<CheckpointChoice, 'id'>): FlocapError {
  return new FlocapError('models_busy', `FloCap is switching to the model ${id}.`, {
    hint: 'Wait until that has ended.',
  })
}

async function whenIdle(served: Served): Promise<void> {
  if (served.asking === 0) return
  await new Promise<void>((resolve) => {
    served.onIdle = resolve
  })
}

function sumOf(a: Restarts, b: Restarts): Restarts {
  return { died: a.died + b.died, hung: a.hung + b.hung, memory: a.memory + b.memory }
}

function closed(): FlocapError {
  return new FlocapError('closed', 'The server is ending.')
}
