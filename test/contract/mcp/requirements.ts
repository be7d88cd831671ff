// What agents and their programs need of /mcp.
import { requirements } from '../support/requirement.ts'

const SPEC = 'Model Context Protocol, revision 2026-07-28'

export const REQUIREMENTS = requirements({
  'MCP-1': ['A client of 2025 begins with initialize, without a session.', `${SPEC}, versioning`],
  'MCP-2': ['A client of 2026 asks server/discover, and every request stands alone.', SPEC],
  'MCP-3': [
    'Every tool has closed arguments, a schema of its result, and says that it only reads.',
    `${SPEC}, tools; atomic-agent #185: limits that no description names`,
  ],
  'MCP-4': ['A result has a text for people first, and structured content.', `${SPEC}, tools`],
  'MCP-5': [
    'Wrong arguments are an error of the tool, in words.',
    `${SPEC}, tools, error handling`,
  ],
  'MCP-6': ['Progress comes to who asks for it.', `${SPEC}, progress`],
  'MCP-7': ['Who goes away takes the work along.', `${SPEC}, cancellation`],
  'MCP-8': [
    'Host, origin and key are asked first; the origin null is refused.',
    `${SPEC}, security`,
  ],
  'MCP-9': ['A body beyond the limit is refused.', 'imagesorcery-mcp #17'],
  'MCP-10': ['Paths are read only below the folders that were named.', 'handwriting-ocr-mcp #6'],
  'MCP-11': ['GET and DELETE are answered with 405: there is no session.', `${SPEC}, transports`],
  'MCP-12': ['Pictures of megabytes come through as data URLs.', 'Claude Code, pasted screenshots'],
})
