// What the captions that are shown are like together; a frequent word is searched for by a click.
import type { ReviewedPicture } from '../../server/review-server.ts'
import { describeCaptions, type Spread } from '../../session/review/statistics.ts'

export interface StatisticsPanelProps {
  readonly pictures: readonly ReviewedPicture[]
  readonly onSearch: (text: string) => void
}

export function StatisticsPanel({ pictures, onSearch }: StatisticsPanelProps) {
  const statistics = describeCaptions(pictures)
  const { captioned, edited, locked, words, characters, areTags, most, failures } = statistics
  const facts = [
    ['Pictures shown', String(statistics.pictures)],
    ['With a caption', String(captioned)],
    ['Without', String(statistics.pictures - captioned)],
    ['Edited', String(edited)],
    ['Locked', String(locked)],
    ['With the caption of another', String(statistics.sameCaption)],
    ['Copies of a picture', String(statistics.samePicture)],
    ['Words in a caption', describeSpread(words)],
    ['Characters in a caption', describeSpread(characters)],
  ] as const
  return (
    <section class="statistics-panel" aria-label="Statistics">
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {most.length === 0 ? null : (
        <div>
          <h2>{areTags ? 'Most frequent tags' : 'Most frequent words'}</h2>
          <ul class="frequent">
            {most.map(({ text, count }) => (
              <li key={text}>
                <button type="button" class="filter" onClick={() => onSearch(text)}>
                  {text} <span class="count">{count}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {failures.length === 0 ? null : (
        <div>
          <h2>Why pictures could not be captioned</h2>
          <ul>
            {failures.map(({ text, count }) => (
              <li key={text}>
                {count}: {text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

function describeSpread(spread: Spread | undefined): string {
  if (spread === undefined) return 'none'
  const { least, median, most } = spread
  return least === most ? String(least) : `${least} to ${most}, half of them up to ${median}`
}
