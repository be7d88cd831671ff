// What each task does, in a sentence with an example of its answer.
import type { TaskId } from '../../../src/caption/tasks.ts'

const HELP: Readonly<Record<TaskId, string>> = {
  caption: 'One sentence: “A green car parked in front of a yellow building.”',
  detailed_caption: 'Two or three sentences, with colours and surroundings.',
  more_detailed_caption: 'A paragraph about the whole scene, as for an alt text or a training set.',
  ocr: 'The text in the picture, line by line: “STOP”.',
  ocr_with_region: 'The text in the picture, each piece at its place, to select on the picture.',
  od: 'The things in the picture, by name and box: “car 34, 160 to 597, 372”.',
  dense_region_caption: 'Boxes with a short description each: “turquoise Volkswagen Beetle”.',
  region_proposal: 'Boxes around everything that might be a thing, without names.',
  caption_to_phrase_grounding:
    'Type a sentence; each thing that it names gets a box: “A car in front of a door”.',
  referring_expression_segmentation: 'Type a phrase, “the green car”; its outline is drawn.',
  region_to_segmentation: 'Draw a box around a thing; its outline is drawn.',
  open_vocabulary_detection: 'Type a name, “a red car”; every such thing gets a box.',
  region_to_category: 'Draw a box; its content is named: “car”.',
  region_to_description: 'Draw a box; its content is described: “turquoise Volkswagen Beetle”.',
  region_to_ocr: 'Draw a box; the text inside is read.',
  generate_tags: 'Tags with commas between, for models that were trained to: “1car, street”.',
  mixed_caption: 'A caption and tags together, as prompts for other models want them.',
  mixed_caption_plus: 'A caption, tags and how the picture is composed.',
  analyze: 'How the picture is composed: shot, light, background.',
  generate_prompt: 'A prompt from which a picture like this could be made.',
  description: 'A description as you instruct: “Describe this image in great detail.”',
  docvqa: 'Type a question about a document: “What is the total?”',
  vqa: 'Type a question about the picture: “What colour is the car?”',
  raw: 'What you type goes to the model as it is, task token included: “<CAPTION>”.',
}

/** Undefined for a task of a newer server. */
export function taskHelp(task: string): string | undefined {
  return new Map<string, string>(Object.entries(HELP)).get(task)
}
