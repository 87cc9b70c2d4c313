/** Numbers of one measurement, in milliseconds. */
export type Sample = readonly number[]

export const quantile = (sample: Sample, q: number): number => {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}
export const median = (sample: Sample): number => quantile(sample, 0.5)
export const p95 = (sample: Sample): number => quantile(sample, 0.95)

export async function times(count: number, run: (index: number) => Promise<number>): Promise<Sample> {
  const sample: number[] = []
  for (let i = 0; i < count; i++) sample.push(await run(i))
  return sample
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

/** One line of the report: what was measured, against what, and the budget of DESIGN.md 7. */
export type Result = {
  readonly name: string
  readonly sample: Sample
  /** How the sample is told: as times, or as how many of it fit into a second. */
  readonly unit?: 'ms' | 'perSecond'
  /** The same work without us, measured in the same run on the same machine. */
  readonly baseline: { readonly name: string; readonly sample: Sample } | null
  readonly budget: string
  /** null when the budget is not one number that can be compared. */
  readonly met: boolean | null
}

const ms = (n: number): string =>
  n < 0.1 ? `${(n * 1000).toFixed(1)} µs` : `${n < 10 ? n.toFixed(1) : Math.round(n)} ms`
const rate = (n: number): string => `${Math.round(1000 / n).toLocaleString('en')}/s`

const ratioOf = (n: number): string => (n < 0.01 ? n.toPrecision(1) : n.toFixed(2))

export function report(results: readonly Result[]): string {
  const rows = results.map((r) => {
    const show = r.unit === 'perSecond' ? rate : ms
    const ratio = r.baseline
      ? `${ratioOf(median(r.sample) / median(r.baseline.sample))} × ${r.baseline.name} (${ms(median(r.baseline.sample))})`
      : ''
    return [
      r.name,
      show(median(r.sample)),
      show(p95(r.sample)),
      String(r.sample.length),
      ratio,
      r.budget,
      r.met === null ? '' : r.met ? 'met' : 'over',
    ]
  })
  const table = [['what', 'median', 'p95', 'n', 'against the baseline of this run', 'budget', ''], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
