import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

describe('createMetrics', () => {
  it('counts by labels, in the order in which they came', () => {
    const metrics = createMetrics()
    const answers = metrics.counter('answers_total', 'Answers given.')
    answers.add(1, { status: '200' })
    answers.add(2, { status: '400' })
    answers.add(1, { status: '200' })
    expect(metrics.render()).toBe(
      '# HELP answers_total Answers given.\n' +
        '# TYPE answers_total counter\n' +
        'answers_total{status="200"} 2\n' +
        'answers_total{status="400"} 2\n',
    )
  })

  it('reads a gauge when it is asked', () => {
    const metrics = createMetrics()
    let depth = 1
    metrics.gauge('depth', 'Waiting.', () => depth)
    expect(metrics.render()).toContain('\ndepth 1\n')
    depth = Infinity
    expect(metrics.render()).toContain('\ndepth +Inf\n')
  })

  it('reads counts that are kept elsewhere', () => {
    const metrics = createMetrics()
    const ends = { died: 1, hung: 0 }
    metrics.counts('ends_total', 'Ends.', 'cause', () => ends)
    ends.hung = 2
    expect(metrics.render()).toContain('ends_total{cause="died"} 1\nends_total{cause="hung"} 2\n')
  })

  it('reads gauges by a label', () => {
    const metrics = createMetrics()
    const waiting = { interactive: 1, bulk: 5 }
    metrics.gauges('waiting', 'Requests.', 'priority', () => waiting)
    waiting.bulk = 6
    expect(metrics.render()).toBe(
      '# HELP waiting Requests.\n# TYPE waiting gauge\n' +
        'waiting{priority="interactive"} 1\nwaiting{priority="bulk"} 6\n',
    )
  })

  it('keeps what a label says inside its quotes', () => {
    const metrics = createMetrics()
    metrics.counter('c_total', 'C.').add(1, { name: 'a"b\\c\nd' })
    expect(metrics.render()).toContain('c_total{name="a\\"b\\\\c\\nd"} 1\n')
  })

  it('refuses a second metric of one name', () => {
    const metrics = createMetrics()
    metrics.counter('c_total', 'C.')
    expect(() => metrics.gauge('c_total', 'C.', () => 0)).toThrow('twice')
  })

  it('gives cumulative buckets whose last holds everything', () => {
    const bounds = [0.1, 1, 10]
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
        const metrics = createMetrics()
        const histogram = metrics.histogram('h', 'H.', bounds)
        for (const value of values) histogram.observe(value)
        const text = metrics.render()
        if (values.length === 0) {
          expect(text).not.toContain('h_count')
          return
        }
        for (const bound of bounds) {
          const below = values.filter((value) => value <= bound).length
          expect(text).toContain(`h_bucket{le="${bound}"} ${below}\n`)
        }
        expect(text).toContain(`h_bucket{le="+Inf"} ${values.length}\n`)
        expect(text).toContain(`h_count ${values.length}\n`)
      }),
    )
  })
})
