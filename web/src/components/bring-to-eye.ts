// Brings what has just been asked to the eye: the answer, and as much of the picture as fits above it.

const MARGIN_PX = 16

/**
 * Scrolls no further than it must: the end of the answer comes to the lower edge of the window, unless
 * its beginning would leave at the upper one. What is seen whole stays where it is.
 * @param look the picture with its answers; nothing above it is worth scrolling to.
 */
export function bringToEye(look: Element, answers: Element): void {
  const { top, bottom } = answers.getBoundingClientRect()
  if (top >= 0 && bottom <= innerHeight) return
  const wanted = Math.min(bottom + MARGIN_PX - innerHeight, top - MARGIN_PX)
  const least = look.getBoundingClientRect().top - MARGIN_PX
  scrollBy({ top: wanted < 0 ? Math.max(wanted, least) : wanted, behavior: 'instant' })
}
