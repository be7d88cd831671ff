// What each task does, in a sentence, and what an answer of it looks like.
import type { TaskId } from '../../../src/caption/tasks.ts'

export interface TaskHelp {
  /** A sentence; it begins with what the person has to give. */
  readonly does: string
  /** What is given, where something is, and the answer. */
  readonly example: string
}

const HELP: Readonly<Record<TaskId, TaskHelp>> = {
  caption: {
    does: 'Says in one sentence what is seen.',
    example: '“A green car parked in front of a yellow building.”',
  },
  detailed_caption: {
    does: 'Describes the picture in two or three sentences, with colours and surroundings.',
    example: '“A turquoise car stands on a street. Behind it is a yellow wall with two doors.”',
  },
  more_detailed_caption: {
    does: 'Writes a paragraph about the whole scene, as an alt text or a training set needs it.',
    example: '“The image shows a vintage car on a cobbled street. It is painted light blue …”',
  },
  ocr: {
    does: 'Reads the text in the picture, line by line.',
    example: '“MARKET STREET”, “No parking”',
  },
  ocr_with_region: {
    does: 'Reads the text and shows where each piece is; it can be selected on the picture.',
    example: '“STOP” at 10, 10 to 50, 30',
  },
  od: {
    does: 'Finds the things in the picture, each with its name and a box.',
    example: 'car 34, 160 to 597, 372; wheel 452, 276 to 555, 370',
  },
  dense_region_caption: {
    does: 'Finds what stands out and describes each part in a few words, with a box.',
    example: '“turquoise Volkswagen Beetle” 34, 160 to 597, 372',
  },
  region_proposal: {
    does: 'Draws boxes around everything that might be a thing, without naming it.',
    example: '34, 160 to 597, 372; 454, 96 to 580, 261',
  },
  caption_to_phrase_grounding: {
    does: 'Type a sentence: each thing that it names gets a box.',
    example: '“A car in front of a door” → boxes for “a car” and “a door”',
  },
  referring_expression_segmentation: {
    does: 'Type a phrase: what it names is outlined.',
    example: '“the green car” → its outline on the picture',
  },
  region_to_segmentation: {
    does: 'Draw a box around a thing: its outline is found.',
    example: 'a box around a dog → the outline of the dog',
  },
  open_vocabulary_detection: {
    does: 'Type a name: everything that it fits gets a box.',
    example: '“a red car” → a box for each red car',
  },
  region_to_category: {
    does: 'Draw a box: what is in it gets a name.',
    example: 'a box around a car → “car”',
  },
  region_to_description: {
    does: 'Draw a box: what is in it is described.',
    example: 'a box around a car → “turquoise Volkswagen Beetle”',
  },
  region_to_ocr: {
    does: 'Draw a box: the text inside is read.',
    example: 'a box around a sign → “STOP”',
  },
  generate_tags: {
    does: 'Lists tags with commas between, if the model was trained to.',
    example: '“car, street, outdoors, day, yellow wall”',
  },
  mixed_caption: {
    does: 'Writes a caption and tags together, as prompts for image generators want them.',
    example: '“A car parked on a street. car, street, day”',
  },
  mixed_caption_plus: {
    does: 'Writes a caption, tags and how the picture is composed.',
    example: '“A car parked on a street. car, street, day. Shot from the side.”',
  },
  analyze: {
    does: 'Says how the picture is composed: camera, light, background.',
    example: '“camera_angle: from side, shot: wide, background: yellow wall”',
  },
  generate_prompt: {
    does: 'Writes a prompt from which an image generator could make a picture like this.',
    example: '“vintage car, cobbled street, warm afternoon light, photograph”',
  },
  description: {
    does: 'Describes the picture as you instruct it to; without a text of yours, in great detail.',
    example: '“Describe the colours.” → “The car is light blue, the wall yellow.”',
  },
  docvqa: {
    does: 'Type a question about a scan or a form: the answer is taken from it.',
    example: '“What is the total?” → “$ 41.50”',
  },
  vqa: {
    does: 'Type a question about the picture.',
    example: '“What colour is the car?” → “blue”',
  },
  raw: {
    does: 'Type a prompt: it goes to the model as it is, task token included.',
    example: '“<CAPTION>” → “A green car parked in front of a yellow building.”',
  },
}

const BY_ID: ReadonlyMap<string, TaskHelp> = new Map(Object.entries(HELP))

/** Undefined for a task of a newer server. */
export function taskHelp(task: string): TaskHelp | undefined {
  return BY_ID.get(task)
}
