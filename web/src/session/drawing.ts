// A drawing over the picture as elements of the page.

const FINDING = 'data-finding'

/** @param svg of our own making: text of the model is escaped in it, and it holds no script. */
export function parseDrawing(svg: string): Element {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
  return document.importNode(parsed.documentElement, true)
}

/** Which finding an element of a drawing belongs to. */
export function findingOf(target: EventTarget | null): number | undefined {
  const number = target instanceof Element ? target.getAttribute(FINDING) : null
  return number === null ? undefined : Number(number)
}

/**
 * Marks one finding, or none.
 * @param isDimmed another drawing has the finding that stands out.
 */
export function highlight(root: Element, finding: number | undefined, isDimmed: boolean): void {
  root.classList.toggle('has-active', isDimmed || finding !== undefined)
  for (const element of root.querySelectorAll(`[${FINDING}]`)) {
    element.classList.toggle('is-active', findingOf(element) === finding)
  }
}
