// What SillyTavern needs in Extras mode, where its browser page calls FloCap.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'ST-1': [
    'GET /api/modules answers 200 {"modules":["caption"]} with CORS headers, with and without Authorization.',
    'SillyTavern 1.19.0, extensions.js: connectToApi',
  ],
  'ST-2': [
    'A preflight of /api/caption allows POST and the names authorization, bypass-tunnel-reminder and content-type, without a key.',
    'SillyTavern 1.19.0, extensions.js: doExtrasFetch',
  ],
  'ST-3': [
    'POST /api/caption answers 200 with a non-empty, trimmed caption; errors carry CORS headers too.',
    'SillyTavern 1.19.0, extensions/caption: captionExtras',
  ],
  'ST-4': [
    'The eight picture types of Extras mode are taken as bare base64 and with a data: prefix.',
    'SillyTavern 1.19.0, utils.js: ensureImageFormatSupported',
  ],
})
