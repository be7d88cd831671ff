// The names of the formats alone: help lists them without loading what writes them.

/** What `--format` takes, in the order of the help. */
export const FORMAT_IDS = [
  'txt',
  'caption',
  'json',
  'jsonl',
  'csv',
  'hf',
  'kohya',
  'bbox',
  'coco',
  'xmp',
  'webdataset',
  'yolo',
] as const

export type FormatId = (typeof FORMAT_IDS)[number]
