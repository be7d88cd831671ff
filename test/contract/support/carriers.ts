// How the dialects write a picture into the content of a message: one part for each form that a
// client is known to send.
import { PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'

const png = { mime_type: 'image/png', data: PNG_BASE64 }

export const PICTURE_PARTS: Readonly<Record<string, object>> = {
  'OpenAI image_url': { type: 'image_url', image_url: { url: PNG_DATA_URL } },
  'a string image_url': { type: 'image_url', image_url: PNG_DATA_URL },
  'Responses input_image': { type: 'input_image', image_url: PNG_DATA_URL, detail: 'auto' },
  'OpenAI file': { type: 'file', file: { filename: 'a.png', file_data: PNG_DATA_URL } },
  'Responses input_file': { type: 'input_file', filename: 'a.png', file_data: PNG_DATA_URL },
  'Anthropic image': {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 },
  },
  'Anthropic tool_result': {
    type: 'tool_result',
    tool_use_id: 'a',
    content: [
      { type: 'text', text: 'Done.' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 } },
    ],
  },
  'AI SDK image': { type: 'image', image: PNG_BASE64, mediaType: 'image/png' },
  'AI SDK file': { type: 'file', data: PNG_BASE64, mediaType: 'image/png' },
  'AI SDK UI file': { type: 'file', url: PNG_DATA_URL, mediaType: 'image/png' },
  'AI SDK tool result': {
    type: 'tool-result',
    toolCallId: 'a',
    output: {
      type: 'content',
      value: [{ type: 'media', data: PNG_BASE64, mediaType: 'image/png' }],
    },
  },
  'AI SDK image-data': { type: 'image-data', data: PNG_BASE64, mediaType: 'image/png' },
  'LangChain image': { type: 'image', source_type: 'base64', ...png },
  'LangChain image of version 1': { type: 'image', data: PNG_BASE64, mimeType: 'image/png' },
  'LangChain base64': { type: 'image', base64: PNG_BASE64, mime_type: 'image/png' },
  'MCP image': { type: 'image', data: PNG_BASE64, mimeType: 'image/png' },
  'MCP resource': {
    type: 'resource',
    resource: { uri: 'file:///a.png', mimeType: 'image/png', blob: PNG_BASE64 },
  },
  'Gemini inline_data': { inline_data: png },
  'Gemini inlineData': { inlineData: { mimeType: 'image/png', data: PNG_BASE64 } },
  'langchaingo binary': { type: 'binary', binary: png },
  'Bedrock image': { image: { format: 'png', source: { bytes: PNG_BASE64 } } },
  image_base64: { type: 'image_base64', image_base64: PNG_BASE64 },
  'a screenshot': { type: 'computer_screenshot', image_url: PNG_DATA_URL },
  'Markdown in a text': { type: 'text', text: `Look: ![](${PNG_DATA_URL}) there.` },
  'JSON in a text': { type: 'text', text: JSON.stringify([{ type: 'image', data: PNG_BASE64 }]) },
}

/** Parts with media that is no picture, and what the refusal calls it. */
export const OTHER_MEDIA_PARTS: Readonly<Record<string, readonly [part: object, name: RegExp]>> = {
  input_audio: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }, /audio/],
  audio_url: [{ type: 'audio_url', audio_url: { url: 'data:audio/wav;base64,AAAA' } }, /audio/],
  video_url: [{ type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } }, /video/],
  'Gemini video': [{ inline_data: { mime_type: 'video/mp4', data: 'AAAA' } }, /video/],
  'MCP audio': [{ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }, /audio/],
  'a stored file': [{ type: 'file', file: { file_id: 'f' } }, /stores no files/],
  'an unknown part with a picture': [
    { type: 'canvas', layers: [{ pixels: PNG_DATA_URL }] },
    /picture/,
  ],
  'an unknown part with a PDF': [
    { type: 'attachment2', payload: { mimeType: 'application/pdf' } },
    /document|file|picture/,
  ],
}

/** Members of a message, or of a whole request, that hold pictures beside the content. */
export const PICTURE_MEMBERS: Readonly<Record<string, object>> = {
  images: { images: [PNG_BASE64] },
  image: { image: PNG_DATA_URL },
  image_url: { image_url: PNG_DATA_URL },
  image_base64: { image_base64: PNG_BASE64 },
  'AI SDK attachments': {
    experimental_attachments: [{ url: PNG_DATA_URL, contentType: 'image/png' }],
  },
  'Gemini parts': { parts: [{ text: 'x' }, { inline_data: png }] },
}
