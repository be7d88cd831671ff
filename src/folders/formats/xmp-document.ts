// The XML of an XMP file. Texts have languages (`rdf:Alt`), keywords are a bag; both may be missing, and
// a property may hang on any of several `rdf:Description`s.
import { DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom'
import { FlocapError } from '../../base/errors.ts'

export interface XmpTexts {
  /** `Iptc4xmpCore:AltTextAccessibility`. */
  readonly alt?: string
  /** `Iptc4xmpCore:ExtDescrAccessibility`. */
  readonly extended?: string
  /** `dc:description`. */
  readonly description?: string
  /** `dc:subject`: added to those that are there. */
  readonly tags: readonly string[]
}

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const DC = 'http://purl.org/dc/elements/1.1/'
const IPTC = 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'
const XML = 'http://www.w3.org/XML/1998/namespace'
const XMLNS = 'http://www.w3.org/2000/xmlns/'
/** More than Lightroom writes of a picture with many brushed masks; it is held as a tree of objects. */
const MAX_CHARACTERS = 8 * 1024 * 1024
/** Tags and attributes: as many are looked through for seconds. */
const MAX_PARTS = 100_000
/** The language that readers fall back on. */
const ANY_LANGUAGE = 'x-default'

const EMPTY =
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' +
  '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n' +
  ` <rdf:RDF xmlns:rdf="${RDF}">\n` +
  `  <rdf:Description rdf:about="" xmlns:dc="${DC}" xmlns:Iptc4xmpCore="${IPTC}"/>\n` +
  ' </rdf:RDF>\n' +
  '</x:xmpmeta>\n' +
  '<?xpacket end="w"?>'

interface Property {
  readonly namespace: string
  readonly prefix: string
  readonly name: string
}

const ALT: Property = { namespace: IPTC, prefix: 'Iptc4xmpCore', name: 'AltTextAccessibility' }
const EXTENDED: Property = {
  namespace: IPTC,
  prefix: 'Iptc4xmpCore',
  name: 'ExtDescrAccessibility',
}
const DESCRIPTION: Property = { namespace: DC, prefix: 'dc', name: 'description' }
const SUBJECT: Property = { namespace: DC, prefix: 'dc', name: 'subject' }

/** The texts of a file, undefined where it has none. @throws FlocapError for a file that is no XMP. */
export function readXmpTexts(xml: string): Pick<XmpTexts, 'alt' | 'description'> {
  const document = parse(xml)
  const alt = textOf(document, ALT)
  const description = textOf(document, DESCRIPTION)
  return {
    ...(alt === undefined ? {} : { alt }),
    ...(description === undefined ? {} : { description }),
  }
}

/**
 * The file with these texts in it; texts in languages of their own stay.
 * @param before undefined makes a new one. @throws FlocapError for a file that is no XMP.
 */
export function mergeXmp(before: string | undefined, texts: XmpTexts): string {
  const document = parse(before ?? EMPTY)
  const home = descriptionOf(document)
  setText(document, home, ALT, texts.alt)
  setText(document, home, EXTENDED, texts.extended)
  setText(document, home, DESCRIPTION, texts.description)
  addTags(document, home, texts.tags)
  const xml = new XMLSerializer().serializeToString(document)
  return xml.endsWith('\n') ? xml : `${xml}\n`
}

function parse(xml: string): Document {
  if (xml.length > MAX_CHARACTERS || xml.split(/[<=]/, MAX_PARTS + 1).length > MAX_PARTS) {
    throw new FlocapError(
      'file_not_written',
      `Expected an XMP file of at most ${MAX_CHARACTERS} characters, and ${MAX_PARTS} tags and attributes; the one that is there has more.`,
      { hint: 'Move it away: it is never replaced.' },
    )
  }
  try {
    const document = new DOMParser({ onError: stopAt }).parseFromString(
      xml.replace(/^\uFEFF/, '').trimStart(),
      'text/xml',
    )
    descriptionOf(document)
    return document
  } catch (cause) {
    throw new FlocapError('file_not_written', 'The XMP file that is there is damaged.', {
      hint: 'Repair it or move it away: it is never replaced.',
      cause,
    })
  }
}

function stopAt(level: string, message: string): void {
  if (level !== 'warning') throw new TypeError(message)
}

/** Where new properties go. */
function descriptionOf(document: Document): Element {
  const [first] = document.getElementsByTagNameNS(RDF, 'Description')
  if (first === undefined) throw new TypeError('no rdf:Description')
  return first
}

function findProperty(document: Document, { namespace, name }: Property): Element | undefined {
  const [first] = document.getElementsByTagNameNS(namespace, name)
  return first
}

function textOf(document: Document, property: Property): string | undefined {
  const element = findProperty(document, property)
  const text = element?.textContent?.trim() ?? attributeOf(document, property)
  return text === undefined || text === '' ? undefined : text
}

/** Simple properties may be written as attributes. */
function attributeOf(document: Document, { namespace, name }: Property): string | undefined {
  for (const element of document.getElementsByTagNameNS(RDF, 'Description')) {
    if (element.hasAttributeNS(namespace, name)) {
      return element.getAttributeNS(namespace, name) ?? undefined
    }
  }
  return undefined
}

function setText(
  document: Document,
  home: Element,
  property: Property,
  text: string | undefined,
): void {
  if (text === undefined) return
  for (const element of document.getElementsByTagNameNS(RDF, 'Description')) {
    element.removeAttributeNS(property.namespace, property.name)
  }
  const list = listOf(document, home, property, 'Alt')
  const known = itemsOf(list).find(
    (item) => item.getAttributeNS(XML, 'lang')?.toLowerCase() === ANY_LANGUAGE,
  )
  const item = known ?? appendItem(document, list)
  if (known === undefined) item.setAttributeNS(XML, 'xml:lang', ANY_LANGUAGE)
  item.textContent = text
}

function addTags(document: Document, home: Element, tags: readonly string[]): void {
  if (tags.length === 0) return
  const list = listOf(document, home, SUBJECT, 'Bag')
  const known = new Set(itemsOf(list).map((item) => item.textContent?.trim().toLowerCase()))
  for (const tag of tags) {
    if (!known.has(tag.toLowerCase())) appendItem(document, list).textContent = tag
  }
}

/** The list of a property, both made where they are missing. */
function listOf(
  document: Document,
  home: Element,
  property: Property,
  kind: 'Alt' | 'Bag',
): Element {
  const element = findProperty(document, property) ?? appendProperty(document, home, property)
  for (const child of element.getElementsByTagNameNS(RDF, kind)) return child
  // Text without a list: other programs write such, and it is replaced.
  element.textContent = ''
  const list = document.createElementNS(RDF, `rdf:${kind}`)
  element.appendChild(list)
  return list
}

function appendProperty(
  document: Document,
  home: Element,
  { namespace, prefix, name }: Property,
): Element {
  if (home.lookupNamespaceURI(prefix) !== namespace) {
    home.setAttributeNS(XMLNS, `xmlns:${prefix}`, namespace)
  }
  const element = document.createElementNS(namespace, `${prefix}:${name}`)
  home.appendChild(element)
  return element
}

function itemsOf(list: Element): readonly Element[] {
  return [...list.getElementsByTagNameNS(RDF, 'li')]
}

function appendItem(document: Document, list: Element): Element {
  const item = document.createElementNS(RDF, 'rdf:li')
  list.appendChild(item)
  return item
}
