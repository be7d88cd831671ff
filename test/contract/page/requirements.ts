// What browsers get, and what stays as it is for programs that look at the same addresses.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'PAGE-1': [
    'GET / shows browsers the page and goes on greeting programs as Ollama does.',
    'docs/guide/page.md; ollama-js and Open WebUI compare the text',
  ],
  'PAGE-2': [
    'The page may load and run nothing but its own files, and no site may frame it.',
    'SECURITY.md',
  ],
  'PAGE-3': [
    'Files whose name has their hash are kept for ever, the page itself is asked for each time.',
    'docs/reference/http-api.md',
  ],
  'PAGE-4': ['No path of a request leads to another file of the disk.', 'SECURITY.md, T15'],
  'PAGE-5': [
    'Page and samples need no key; what they ask of the API does.',
    'docs/reference/http-api.md',
  ],
  'PAGE-6': ['Without a built page browsers are told so and how to build it.', 'CONTRIBUTING.md'],
})
