// Names that programs give to the numbers of a box.

export type BoxSide = 'x1' | 'y1' | 'x2' | 'y2' | 'w' | 'h' | 'cx' | 'cy'

const SIDE_NAMES: ReadonlyMap<string, BoxSide> = new Map(
  (
    [
      ['x1', 'x1 xmin left x0'],
      ['y1', 'y1 y min ymin top y0'],
      ['x2', 'x2 xmax right'],
      ['y2', 'y2 ymax bottom'],
      ['w', 'w width'],
      ['h', 'h height'],
      ['cx', 'cx centerx xcenter'],
      ['cy', 'cy centery ycenter'],
    ] as const
  ).flatMap(([side, names]) => names.split(' ').map((name) => [name, side] as const)),
)

/** What a property such as `xmin`, `x_min`, `left` or `width` holds of a box. */
export function readBoxSide(name: string): BoxSide | undefined {
  const compact = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (compact === 'x') return 'x1'
  if (compact === 'y') return 'y1'
  return SIDE_NAMES.get(compact)
}
