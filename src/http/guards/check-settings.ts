// Whether the settings of the guards mean something, asked before anything is started.
import type { HttpSettings } from '../settings.ts'
import { createCallerFinder } from './caller.ts'
import { createHostGuard } from './host.ts'
import { createOriginGuard } from './origin.ts'

/** @throws FlocapError invalid_setting for the first that can never match. */
export function checkGuardSettings(settings: HttpSettings): void {
  createHostGuard(settings)
  createOriginGuard(settings)
  createCallerFinder(settings)
}
