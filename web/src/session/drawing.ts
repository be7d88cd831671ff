// The drawing that the server made of an answer, for showing over the picture and in a list.

export interface Drawing {
  readonly root: Element
  /** Colour of each finding, by its number. */
  readonly colours: ReadonlyMap<number, string>
}

const FINDING = 'data-finding'

/** @param svg as the API gives it: text of the model is escaped in it, and it holds no script. */
export function parseDrawing(svg: string): Drawing {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
  const root = document.importNode(parsed.documentElement, true)
  const colours = new Map<number, string>()
  for (const path of root.querySelectorAll(`path[${FINDING}]:not(.rim)`)) {
    colours.set(findingOf(path) ?? -1, path.getAttribute('stroke') ?? 'currentColor')
  }
  return { root, colours }
}

/** Which finding an element of a drawing belongs to. */
export function findingOf(target: EventTarget | null): number | undefined {
  const number = target instanceof Element ? target.getAttribute(FINDING) : null
  return number === null ? undefined : Number(number)
}

/** Marks one finding, or none. */
export function highlight({ root }: Pick<Drawing, 'root'>, finding: number | undefined): void {
  root.classList.toggle('has-active', finding !== undefined)
  for (const element of root.querySelectorAll(`[${FINDING}]`)) {
    element.classList.toggle('is-active', findingOf(element) === finding)
  }
}
