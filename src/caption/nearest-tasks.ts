// What a mistyped task token probably meant, and whether a text begins with one at all.
//
// Prompts for chat models are full of tags, so only what can hardly be anything else is taken for a
// token: one that stands alone, one in capitals, or a known one in the wrong case.
import { FlocapError } from '../base/errors.ts'
import { nearestNames } from '../base/nearest.ts'
import { TASKS, TASK_IDS } from './tasks.ts'

/** `<CAPTIONS>` or `<od>` at the beginning; group 1 is the name, group 2 what follows. */
const TAG = /^\s*<([A-Za-z][A-Za-z0-9_ -]{0,60})>([\s\S]{0,2000})/

/** What chat models take for a picture, and so stands in many prompts. */
const PLACEHOLDER = /image|img|video|audio|media|picture|photo|frame/i

/** @throws FlocapError unknown_task for a text that begins with what looks like a task token. */
export function refuseUnknownToken(text: string): void {
  const [, name = '', rest = ''] = TAG.exec(text) ?? []
  if (name === '' || PLACEHOLDER.test(name)) return
  // An element of XML or HTML.
  if (rest.toLowerCase().includes(`</${name.toLowerCase()}>`)) return
  const nearest = nearestTokens(name)
  const isCapital = name === name.toUpperCase()
  const standsAlone = rest.trim() === ''
  const isMisspelt = nearest.length > 0 && (isCapital || isOtherCase(name))
  if (!standsAlone && !isMisspelt) return
  throw new FlocapError('unknown_task', `Expected a task token, got <${name}>.`, {
    hint:
      nearest.length > 0
        ? `Did you mean ${nearest.join(' or ')}?`
        : `The tokens are ${TASK_IDS.map((id) => TASKS[id].token).join(', ')}.`,
    subject: 'task',
  })
}

/** A token of Florence-2's own in another case; those of fine-tunes are words that tags have too. */
function isOtherCase(name: string): boolean {
  return TASK_IDS.some((id) => TASKS[id].family === 'florence2' && id === normalise(name))
}

function nearestTokens(name: string): readonly string[] {
  const ids = nearestNames(normalise(name), TASK_IDS)
  return TASK_IDS.filter((id) => ids.includes(id))
    .toSorted((one, other) => ids.indexOf(one) - ids.indexOf(other))
    .map((id) => TASKS[id].token)
}

function normalise(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[\s-]/g, '_')
}
