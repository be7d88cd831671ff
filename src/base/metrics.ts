// Counters, gauges and histograms, written in the text format that Prometheus reads
// (exposition format 0.0.4). A few dozen series need no library.

/** Label names with their values. Values must come from small, closed sets. */
export type Labels = Readonly<Record<string, string>>

/** Numbers by the values of a label. */
type ByValue = Readonly<Record<string, number>>

export interface Counter {
  add(amount?: number, labels?: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

export interface Metrics {
  /** Only grows. By convention its name ends in `_total`. */
  counter(name: string, help: string): Counter
  /** `read` is asked whenever the metrics are. */
  gauge(name: string, help: string, read: () => number): void
  /** Gauges by the values of one label. */
  gauges(name: string, help: string, label: string, read: () => ByValue): void
  /** Counts that are kept elsewhere, by the values of one label; read as a gauge is. */
  counts(name: string, help: string, label: string, read: () => ByValue): void
  /** @param bounds upper ends of the buckets, growing; one without an end is added. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram
  /** The exposition, with a line feed at its end. */
  render(): string
}

/** Seconds, from a cached answer to the longest run that is allowed. */
export const SECONDS_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

interface Family {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: () => readonly string[]
}

interface Buckets {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>()

  function define(name: string, family: Family): void {
    if (families.has(name)) throw new TypeError(`The metric ${name} is defined twice.`)
    families.set(name, family)
  }

  return {
    counter(name, help) {
      const values = new Map<string, number>()
      define(name, {
        kind: 'counter',
        help,
        samples: () => [...values].map(([labels, value]) => `${name}${labels} ${value}`),
      })
      return {
        add(amount = 1, labels = {}) {
          const key = renderLabels(labels)
          values.set(key, (values.get(key) ?? 0) + amount)
        },
      }
    },
    gauge(name, help, read) {
      define(name, { kind: 'gauge', help, samples: () => [`${name} ${renderNumber(read())}`] })
    },
    gauges(name, help, label, read) {
      define(name, { kind: 'gauge', help, samples: () => renderByValue(name, label, read()) })
    },
    counts(name, help, label, read) {
      define(name, { kind: 'counter', help, samples: () => renderByValue(name, label, read()) })
    },
    histogram(name, help, bounds) {
      const series = new Map<string, Buckets>()
      define(name, {
        kind: 'histogram',
        help,
        samples: () => [...series.values()].flatMap((each) => renderBuckets(name, bounds, each)),
      })
      return {
        observe(value, labels = {}) {
          const key = renderLabels(labels)
          const known = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 }
          series.set(key, known)
          known.sum += value
          known.count += 1
          for (const [index, bound] of bounds.entries()) {
            if (value <= bound) known.counts[index] = (known.counts[index] ?? 0) + 1
          }
        },
      }
    },
    render() {
      const lines = [...families].flatMap(([name, { kind, help, samples }]) => [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${kind}`,
        ...samples(),
      ])
      return lines.map((line) => `${line}\n`).join('')
    },
  }
}

function renderByValue(name: string, label: string, numbers: ByValue): string[] {
  return Object.entries(numbers).map(
    ([value, number]) => `${name}${renderLabels({ [label]: value })} ${renderNumber(number)}`,
  )
}

function renderBuckets(name: string, bounds: readonly number[], buckets: Buckets): string[] {
  const { labels, counts, sum, count } = buckets
  const plain = renderLabels(labels)
  return [
    ...bounds.map((bound, index) => {
      const le = renderLabels({ ...labels, le: String(bound) })
      return `${name}_bucket${le} ${counts[index] ?? 0}`
    }),
    `${name}_bucket${renderLabels({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${plain} ${renderNumber(sum)}`,
    `${name}_count${plain} ${count}`,
  ]
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function renderNumber(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
