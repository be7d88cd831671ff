// 'The image shows a dog' is 'A dog' to whoever trains on it or reads it aloud: that there is an image
// is known. Florence-2 begins most of its captions so.

const PICTURE = '(?:image|picture|photo(?:graph)?|photograph|scene|illustration|drawing)'
const VERB =
  '(?:shows?|showcases|features|depicts|displays|contains|captures|presents|portrays|is(?: showing)?|shown is|appears to be|seems to be)'

/** In the order in which they are tried; each up to what the caption is about. */
const OPENINGS: readonly RegExp[] = [
  // In this image we can see ..., In the picture there is ...
  new RegExp(
    String.raw`^in (?:this|the) ${PICTURE},? (?:(?:we|you|one) can see|there (?:is|are)|we see|i can see)\s+`,
    'i',
  ),
  // The image shows ..., This photo is a close-up of ..., The image is of ...
  new RegExp(String.raw`^(?:the|this|an?) ${PICTURE} ${VERB}(?: of)?\s+`, 'i'),
  // An image of ..., A photo of ...
  new RegExp(String.raw`^(?:the|this|an?) ${PICTURE} of\s+`, 'i'),
]

/** A caption that speaks of the image all the time would lose its sense with one sentence of it. */
export function stripOpening(text: string): string {
  const start = text.trimStart()
  for (const opening of OPENINGS) {
    const rest = start.replace(opening, '')
    if (rest !== start) return capitalise(rest)
  }
  return text
}

function capitalise(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length)
}
