// Several engines as one model. Each computes with threads of its own, so that where there are many
// cores requests run side by side: one picture alone does not keep more than a few cores busy.
import type { Logger } from '../base/log.ts'
import type {
  ModelDescription,
  DrawingForm,
  LookRequest,
  PictureLook,
  PictureView,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../caption/ports.ts'
import type { Engine, EngineState, Restarts } from './supervisor.ts'

/** What a pool and its users need of an engine. */
export type SupervisedEngine = Pick<
  Engine,
  | 'description'
  | 'state'
  | 'restarts'
  | 'residentBytes'
  | 'ready'
  | 'eventuallyReady'
  | 'answer'
  | 'draw'
  | 'look'
  | 'close'
>

interface Member {
  readonly engine: SupervisedEngine
  /** Requests that it works on. */
  asking: number
}

export class EnginePool implements VisionModel, SupervisedEngine {
  readonly #first: Member
  readonly #members: Member[]
  #isClosed = false

  /**
   * The first engine compiles the model if need be; the others are started when it is ready, and find it
   * compiled.
   *
   * @param count engines, at least 1.
   */
  constructor(count: number, start: () => SupervisedEngine, log: Logger) {
    this.#first = { engine: start(), asking: 0 }
    this.#members = [this.#first]
    void this.#startOthers(count, start, log)
  }

  async #startOthers(count: number, start: () => SupervisedEngine, log: Logger): Promise<void> {
    try {
      await this.#first.engine.eventuallyReady()
    } catch {
      // Who waits for the pool sees the failure.
      return
    }
    if (this.#isClosed) return
    while (this.#members.length < count) this.#members.push({ engine: start(), asking: 0 })
    log.info({ engines: count }, 'engines started')
  }

  get description(): ModelDescription {
    return this.#first.engine.description
  }

  /** Of the engine that is best off. */
  get state(): EngineState {
    return this.#choose().engine.state
  }

  get restarts(): Restarts {
    const total = { died: 0, hung: 0, memory: 0 }
    for (const { engine } of this.#members) {
      total.died += engine.restarts.died
      total.hung += engine.restarts.hung
      total.memory += engine.restarts.memory
    }
    return total
  }

  get residentBytes(): number {
    return this.#members.reduce((total, { engine }) => total + engine.residentBytes, 0)
  }

  /** Resolves when one engine can answer. @throws FlocapError when the model cannot be loaded. */
  async ready(): Promise<void> {
    await this.#first.engine.ready()
  }

  async eventuallyReady(): Promise<void> {
    await this.#first.engine.eventuallyReady()
  }

  async answer(request: VisionRequest, hooks?: VisionHooks): Promise<VisionAnswer> {
    return this.#ask((engine) => engine.answer(request, hooks))
  }

  async draw(
    picture: Uint8Array,
    overlay: string,
    view: PictureView,
    form: DrawingForm = 'png',
  ): Promise<Uint8Array> {
    return this.#ask((engine) => engine.draw(picture, overlay, view, form))
  }

  async look(request: LookRequest): Promise<PictureLook> {
    return this.#ask((engine) => engine.look(request))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#members.map(async ({ engine }) => engine.close()))
  }

  async #ask<T>(question: (engine: SupervisedEngine) => Promise<T>): Promise<T> {
    const member = this.#choose()
    member.asking += 1
    try {
      return await question(member.engine)
    } finally {
      member.asking -= 1
    }
  }

  /** One that can answer at once before others, and of those the one with the least work. */
  #choose(): Member {
    return this.#members.reduce((best, member) => {
      const [rank, bestRank] = [RANKS[member.engine.state.kind], RANKS[best.engine.state.kind]]
      if (rank !== bestRank) return rank < bestRank ? member : best
      return member.asking < best.asking ? member : best
    }, this.#first)
  }
}

/** Who is asked first. A sleeping engine is woken only when all others are worse off. */
const RANKS: Readonly<Record<EngineState['kind'], number>> = {
  ready: 0,
  sleeping: 1,
  restarting: 2,
  loading: 3,
  failed: 4,
  closed: 5,
}
