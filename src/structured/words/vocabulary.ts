// The vocabulary of the planner: which names of properties ask for what. docs/guide/structured-answers.md
// shows this table.
//
// A row is found when its words stand one behind the other in a property's name (`altText`,
// `image_description`); the first row that is found counts, so the special ones stand first.
export const SUBJECTS = [
  'unknowable',
  'alt',
  'count',
  'title',
  'caption',
  'text',
  'confidence',
  'box',
  'area',
  'width',
  'height',
  'orientation',
  'pictures',
  'tags',
  'generic',
] as const

export type Subject = (typeof SUBJECTS)[number]

export interface VocabularyRow {
  readonly subject: Subject
  /** What it is answered with, for the guide. */
  readonly answer: string
  /** Phrases with commas between; the words of a phrase with spaces. */
  readonly names: string
}

export const VOCABULARY: readonly VocabularyRow[] = [
  {
    subject: 'unknowable',
    answer: 'nothing: a picture does not tell, or Florence-2 does not know',
    names:
      'nsfw, sfw, safe, explicit, adult, threat, danger, dangerous, risk, severity, level, rating, quality, ' +
      'beauty, aesthetic, aesthetics, sentiment, emotion, mood, author, artist, photographer, owner, creator, ' +
      'date, time, timestamp, year, month, day, place, city, country, gps, latitude, longitude, address, ' +
      'price, cost, currency, amount, email, phone, url, uri, link, id, uuid, guid, sku, isbn, hash, version, ' +
      'camera model, lens, iso, exposure, language, locale, age, gender, ethnicity, brand, reason, reasoning, ' +
      'rationale, thought, thoughts, topicality, relevance, importance, priority, stars, likes',
  },
  {
    subject: 'alt',
    answer:
      'the longest of the three captions that fits, at most 125 characters where none is said',
    names: 'alt, alt text, alternative text, accessibility, aria label, screen reader',
  },
  {
    subject: 'count',
    answer: 'the number of boxes with such a label',
    names: 'count, counts, number of, num, how many, quantity, total',
  },
  {
    subject: 'title',
    answer: '`<CAPTION>`',
    names:
      'title, headline, heading, header, name, filename, file name, short caption, short description, ' +
      'brief, one liner, caption short, description short, tldr',
  },
  {
    subject: 'caption',
    answer: '`<MORE_DETAILED_CAPTION>`',
    names:
      'caption, captions, description, descriptions, describe, summary, scene, synopsis, overview, abstract, ' +
      'detail, details, narrative, story, observation, observations, depiction, sentences',
  },
  {
    subject: 'text',
    answer: '`<OCR>`; lists of lines, and text with its place, `<OCR_WITH_REGION>`',
    names:
      'text, texts, ocr, transcription, transcript, transcribed, lettering, inscription, written, words, ' +
      'line, lines, markdown, writing',
  },
  {
    subject: 'confidence',
    answer: 'how sure the model was: of a finding, or of the caption',
    names:
      'confidence, confidences, probability, probabilities, likelihood, certainty, conf, prob, score, scores',
  },
  {
    subject: 'area',
    answer: 'the share of the picture that the box covers',
    names: 'area, coverage, prominence, area fraction',
  },
  {
    subject: 'box',
    answer: 'the box of a finding',
    names:
      'box, boxes, bbox, bboxes, box 2d, bbox 2d, bounding box, bounding boxes, coordinates, coords, ' +
      'rect, rectangle, position, location, region box, polygon',
  },
  { subject: 'width', answer: 'the width of the picture, or of the box', names: 'width, w' },
  { subject: 'height', answer: 'the height of the picture, or of the box', names: 'height, h' },
  {
    subject: 'orientation',
    answer: '`landscape`, `portrait` or `square`',
    names: 'orientation',
  },
  {
    subject: 'pictures',
    answer: 'one item for each picture of the request',
    names: 'images, pictures, photos, frames, pages, thumbnails, snapshots, screenshots',
  },
  {
    subject: 'tags',
    answer: 'labels of `<OD>` and `<DENSE_REGION_CAPTION>`',
    names:
      'tag, tags, keyword, keywords, label, labels, object, objects, category, categories, class, classes, ' +
      'entity, entities, item, items, thing, things, hashtag, hashtags, concept, concepts, element, elements, ' +
      'subject, subjects, detection, detections, region, regions, noun, nouns, topic, topics, type, kind, ' +
      'finding, findings, annotations, instances, predictions',
  },
  {
    subject: 'generic',
    answer: 'the task of the request, a paragraph unless another one was chosen',
    names:
      'answer, answers, response, result, results, output, content, value, values, reply, message, analysis, ' +
      'note, notes, comment, data, image, picture, photo, list',
  },
]
