// What FloCap promises to clients, as data, and how a test says which promise it proves.
//
// Each surface has its requirements.ts; coverage.test.ts fails for a promise without a test.
import { REQUIREMENTS as A1111 } from '../a1111/requirements.ts'
import { REQUIREMENTS as ANTHROPIC } from '../anthropic/requirements.ts'
import { REQUIREMENTS as BATCHES } from '../batches/requirements.ts'
import { REQUIREMENTS as EXTRAS } from '../extras/requirements.ts'
import { REQUIREMENTS as HEALTH } from '../health/requirements.ts'
import { REQUIREMENTS as IMAGE_URLS } from '../image-urls/requirements.ts'
import { REQUIREMENTS as KOBOLD } from '../kobold/requirements.ts'
import { REQUIREMENTS as LLAMACPP } from '../llamacpp/requirements.ts'
import { REQUIREMENTS as LMSTUDIO } from '../lmstudio/requirements.ts'
import { REQUIREMENTS as MCP } from '../mcp/requirements.ts'
import { REQUIREMENTS as NATIVE } from '../native/requirements.ts'
import { REQUIREMENTS as OLLAMA } from '../ollama/requirements.ts'
import { REQUIREMENTS as OPENAI } from '../openai/requirements.ts'
import { REQUIREMENTS as PAGE } from '../page/requirements.ts'
import { REQUIREMENTS as PICTURES } from '../pictures/requirements.ts'
import { REQUIREMENTS as TRANSPORT } from '../transport/requirements.ts'

export const REQUIREMENTS = {
  ...TRANSPORT,
  ...EXTRAS,
  ...OPENAI,
  ...OLLAMA,
  ...LLAMACPP,
  ...A1111,
  ...HEALTH,
  ...NATIVE,
  ...IMAGE_URLS,
  ...PAGE,
  ...PICTURES,
  ...ANTHROPIC,
  ...KOBOLD,
  ...LMSTUDIO,
  ...MCP,
  ...BATCHES,
} as const

export type RequirementId = keyof typeof REQUIREMENTS

/** The end of a test's title: which promises it proves. Written out in the call, never computed. */
export function verifies(...ids: readonly RequirementId[]): string {
  return `[${ids.join(', ')}]`
}
