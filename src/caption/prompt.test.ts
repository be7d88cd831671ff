import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MAX_INPUT_CHARACTERS, renderPrompt } from './prompt.ts'
import { findTask } from './tasks.ts'

const referenceFile = resolve(
  process.env['FLOCAP_REFERENCE_DATA'] ?? '../shared/data',
  'florence2/prompts-and-ids.json',
)

const referenceSchema = z.object({
  no_input: z.record(z.string(), z.object({ prompt: z.string() })),
  with_input: z.record(z.string(), z.string()),
  with_input_examples: z.record(z.string(), z.object({ input: z.string(), prompt: z.string() })),
})

describe('renderPrompt', () => {
  it('sends the sentence of a task without input', () => {
    expect(renderPrompt('more_detailed_caption')).toEqual([
      { kind: 'text', text: 'Describe with a paragraph what is shown in the image.' },
    ])
  })

  it('puts a text into its sentence as one part, so that it is tokenised in context', () => {
    expect(renderPrompt('open_vocabulary_detection', ' wheels\n')).toEqual([
      { kind: 'text', text: 'Locate wheels in the image.' },
    ])
  })

  it('puts a region into its sentence as tokens', () => {
    expect(
      renderPrompt('region_to_category', undefined, { unit: 'bin', box: [52, 332, 932, 774] }),
    ).toEqual([
      { kind: 'text', text: 'What is the region ' },
      { kind: 'token', token: '<loc_52>' },
      { kind: 'token', token: '<loc_332>' },
      { kind: 'token', token: '<loc_932>' },
      { kind: 'token', token: '<loc_774>' },
      { kind: 'text', text: '?' },
    ])
  })

  it('sends no empty part behind a region', () => {
    const parts = renderPrompt('region_to_segmentation', undefined, {
      unit: 'fraction',
      box: [0, 0, 1, 1],
    })
    expect(parts.map(({ kind }) => kind)).toEqual(['text', 'token', 'token', 'token', 'token'])
  })

  it('sends the tags of fine-tunes as plain text', () => {
    expect(renderPrompt('generate_tags')).toEqual([{ kind: 'text', text: '<GENERATE_TAGS>' }])
    expect(renderPrompt('docvqa', 'What is the total?')).toEqual([
      { kind: 'text', text: '<DocVQA>What is the total?' },
    ])
    expect(renderPrompt('description')).toEqual([
      { kind: 'text', text: '<DESCRIPTION>Describe this image in great detail.' },
    ])
  })

  it('never makes a token or another prompt of user text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('</s>', '<loc_1>', '{input}', '$&', '$1', "$'", '<OD>', 'a car'),
        (input) => {
          expect(renderPrompt('caption_to_phrase_grounding', input)).toEqual([
            { kind: 'text', text: `Locate the phrases in the caption: ${input}` },
          ])
        },
      ),
    )
  })

  it.each([
    ['a text that is missing', () => renderPrompt('open_vocabulary_detection')],
    ['a text of white space', () => renderPrompt('open_vocabulary_detection', ' \n ')],
    ['a text for a task that takes none', () => renderPrompt('caption', 'a car')],
    ['a text for a task that takes a region', () => renderPrompt('region_to_ocr', 'a car')],
    ['a region that is missing', () => renderPrompt('region_to_ocr')],
    [
      'a region for a task that takes none',
      () => renderPrompt('od', undefined, { unit: 'bin', box: [0, 0, 1, 1] }),
    ],
    ['a control character', () => renderPrompt('vqa', 'a\u0000b')],
    ['half a surrogate pair', () => renderPrompt('vqa', 'a\ud83d b')],
  ])('refuses %s', (_name, render) => {
    expect(render).toThrow(expect.objectContaining({ code: 'invalid_task_input' }))
  })

  it('names the control character that it refuses', () => {
    expect(() => renderPrompt('vqa', 'a\u001bb')).toThrow('U+001B')
  })

  it('keeps line breaks, tabs and emoji', () => {
    expect(renderPrompt('vqa', 'a\r\n\tb 🙂')).toEqual([{ kind: 'text', text: '<VQA>a\r\n\tb 🙂' }])
  })

  it('refuses a text that is longer than any model reads', () => {
    expect(() => renderPrompt('vqa', 'a'.repeat(MAX_INPUT_CHARACTERS))).not.toThrow()
    expect(() => renderPrompt('vqa', 'a'.repeat(MAX_INPUT_CHARACTERS + 1))).toThrow(
      expect.objectContaining({ code: 'prompt_too_long' }),
    )
  })

  it.skipIf(!existsSync(referenceFile))('sends what the reference sends for every task', () => {
    const reference = referenceSchema.parse(JSON.parse(readFileSync(referenceFile, 'utf8')))
    const plain = Object.entries(reference.no_input).map(([token, { prompt }]) => ({
      token,
      input: undefined,
      prompt,
    }))
    const examples = Object.entries(reference.with_input_examples).map(([token, example]) => ({
      token,
      ...example,
    }))
    expect(plain.length + examples.length).toBe(15)
    for (const { token, input, prompt } of [...plain, ...examples]) {
      const bins = [...(input ?? '').matchAll(/<loc_(\d+)>/g)].map((match) => Number(match[1]))
      const [x1, y1, x2, y2] = bins
      const parts =
        x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined
          ? renderPrompt(findTask(token), input)
          : renderPrompt(findTask(token), undefined, { unit: 'bin', box: [x1, y1, x2, y2] })
      const text = parts.map((part) =>
        part.kind === 'text' ? part.text : 'token' in part ? part.token : '',
      )
      expect(text.join('')).toBe(prompt)
    }
  })
})

describe('several phrases', () => {
  it('have the token of Florence-2 between them, as the reference reads `<and>`', () => {
    expect(renderPrompt('open_vocabulary_detection', 'car <and> building')).toEqual([
      { kind: 'text', text: 'Locate car ' },
      { kind: 'token', token: '<and>' },
      { kind: 'text', text: ' building in the image.' },
    ])
  })

  it('are plain text to tasks of fine-tunes', () => {
    expect(renderPrompt('vqa', 'a<and>b')).toEqual([{ kind: 'text', text: '<VQA>a<and>b' }])
  })
})
