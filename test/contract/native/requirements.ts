// What FloCap promises to users of its own API.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'NAT-1': [
    'A picture may come as JSON, as a form or as the raw bytes of the file.',
    'docs/reference/http-api.md',
  ],
  'NAT-2': [
    'Several pictures and several tasks are answered in one request, in their order.',
    'docs/reference/http-api.md',
  ],
  'NAT-3': [
    'Answers are text for people and data in pixels for programs.',
    'docs/reference/http-api.md',
  ],
  'NAT-4': ['An annotated picture is drawn on request.', 'docs/reference/http-api.md'],
  'NAT-5': ['Answers are streamed on request.', 'docs/reference/http-api.md'],
  'NAT-6': [
    'A mistake names the field, what it must be and what came.',
    'docs/reference/http-api.md',
  ],
  'NAT-7': ['Tasks and state of the server can be asked for.', 'docs/reference/http-api.md'],
  'NAT-8': [
    'A request that no person waits for says so, and comes after those that they wait for.',
    'docs/reference/http-api.md',
  ],
  'NAT-10': [
    'Models can be listed, pulled and switched, by whoever may.',
    'docs/reference/http-api.md',
  ],
  'NAT-9': [
    'Texts become captions by the rules that the folder command has.',
    'docs/reference/http-api.md',
  ],
})
