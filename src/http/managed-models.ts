// What the HTTP layer needs to show and change which model is served; app/ fulfils it.
import type { z } from 'zod'
import type { ModelsResponse } from './surfaces/manage/schema.ts'

/** All but who may do what with them, which this layer decides. */
export type ManagedState = Omit<z.infer<typeof ModelsResponse>, 'management'>

export interface ManagedModels {
  state(): Promise<ManagedState>
  /** What every visitor may know: which model is served. */
  serving(): ManagedState['serving']
  /**
   * Begins to download a model of FloCap's list; it goes on without whoever asked.
   *
   * @throws FlocapError model_not_found for other names, models_busy while another pull runs.
   */
  pull(name: string): Promise<void>
  /** What has come stays, and a later pull goes on from there. @throws FlocapError not_found without one. */
  cancelPull(): void
  /**
   * Begins to serve another model; requests wait for it meanwhile.
   *
   * @throws FlocapError model_not_found for a model that is not installed, models_busy where a switch or a
   *   batch is in the way, invalid_request for a server with an adapter.
   */
  switchTo(name: string): Promise<void>
}
