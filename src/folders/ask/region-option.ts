// `--region`: four numbers as a person types them.
import { FlocapError } from '../../base/errors.ts'
import { parseRegionText, type Region } from '../../caption/region.ts'

/**
 * `34,160,597,372` are pixels of the upright picture; four numbers none of which is above 1 are
 * fractions of its sides, because as pixels they would be its very first pixel. Location tokens are
 * taken too.
 * @throws FlocapError `invalid_task_input` when it is neither.
 */
export function parseRegionOption(text: string): Region {
  const region = parseRegionText(text)
  if (region === undefined) {
    throw new FlocapError('invalid_task_input', `Expected a region, got ${JSON.stringify(text)}.`, {
      subject: '--region',
      hint: 'A region is x1,y1,x2,y2 in pixels (34,160,597,372) or fractions (0.1,0.2,0.9,0.7).',
    })
  }
  const isFraction = region.unit === 'pixel' && region.box.every((value) => value <= 1)
  return isFraction ? { unit: 'fraction', box: region.box } : region
}
