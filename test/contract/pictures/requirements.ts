// What every dialect owes to pictures, wherever a client puts them.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'PIC-1': [
    'A picture is found in the parts of every dialect, whichever route they are sent to.',
    'paperless-gpt (langchaingo), openai-agents, MCP servers and the AI SDK behind proxies',
  ],
  'PIC-2': [
    'A part with media that cannot be described is an error that names its place and kind.',
    'SillyTavern, agents with audio and video parts: a 200 would look as if it had been heard',
  ],
  'PIC-3': [
    'Pictures in consecutive messages of their own are one question.',
    'Nextcloud integration_openai: AnalyzeImagesProvider',
  ],
  'PIC-4': [
    'The sentence that asks for a picture is only for requests without any.',
    'paperless-gpt #46, ellmer #772',
  ],
})
