/** The knee, drawn: throughput and p95 over load, with the capacity marked. As SVG for people, as text for terminals. */
import { kneeOf } from './knee.ts'
import type { Outcome, StepResult } from './search.ts'

export interface Drawn {
  /** What the load is counted in. */
  unit: string
  capacity: number
  steps: readonly StepResult[]
}

/** All tries of one load. */
interface Row {
  load: number
  throughput_per_s: number
  p95_ms: number
  outcome: Outcome
}

const BAR = '█'
const BAR_WIDTH = 30
const MARKS: Readonly<Record<Outcome, string>> = {
  holds: '✓ holds',
  breaks: '✗ breaks',
  invalid: '? generator not fit',
}

/** A line a load: what was accepted, how fast, a bar, and whether it held. */
export function textPicture({ unit, capacity, steps }: Drawn): string {
  const rows = rowsOf(steps)
  const most = Math.max(1e-9, ...rows.map(({ throughput_per_s }) => throughput_per_s))
  const lines = rows.map(({ load, throughput_per_s, p95_ms, outcome }) => {
    const bar = BAR.repeat(Math.round((BAR_WIDTH * throughput_per_s) / most)).padEnd(BAR_WIDTH)
    const here = load === capacity ? '  ← capacity' : ''
    return `${cell(load, 10)}${cell(throughput_per_s, 12)}${cell(p95_ms, 10)}  ${bar}  ${MARKS[outcome]}${here}`
  })
  return `${unit.padStart(10)}  accepted/s    p95 ms\n${lines.join('\n')}\n`
}

const WIDTH = 720
const PLOT = { left: 70, right: 20, height: 170, top: 50, gap: 60 }

/** @returns a picture that stands by itself, light or dark as its reader has it */
export function svgPicture({ unit, capacity, steps }: Drawn): string {
  const rows = rowsOf(steps)
  const knee = kneeOf(steps.filter(({ outcome }) => outcome !== 'invalid'))
  const most = Math.max(1, ...rows.map(({ load }) => load))
  const x = (load: number): number => PLOT.left + (load / most) * (WIDTH - PLOT.left - PLOT.right)
  const second = PLOT.top + PLOT.height + PLOT.gap
  const height = second + PLOT.height + 50
  const panels = [
    panel(rows, PLOT.top, 'Events accepted a second', x, ({ throughput_per_s }) => throughput_per_s),
    panel(rows, second, 'Response time, 95 of 100 within, ms', x, ({ p95_ms }) => p95_ms),
  ]
  const marks = [
    ...(capacity > 0 ? [mark(x(capacity), height, `capacity ${count(capacity)}`, 'capacity', 20)] : []),
    ...(knee !== undefined ? [mark(x(knee), height, `knee ${count(knee)}`, 'knee', 36)] : []),
  ]
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = x(part * most)
    return `<text class="tick" x="${at}" y="${height - 30}" text-anchor="middle">${count(part * most)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Throughput and response time over ${escaped(unit)}">
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${[...panels, ...marks, ...ticks].join('\n')}
<text class="tick" x="${WIDTH / 2}" y="${height - 10}" text-anchor="middle">${escaped(unit)}</text>
</svg>
`
}

const STYLE = `
svg { --paper: #fff; --ink: #1c1c1c; --soft: #6b6b6b; --line: #2459a6; --bad: #b3261e; --grid: #ddd }
@media (prefers-color-scheme: dark) {
  svg { --paper: #16181c; --ink: #eee; --soft: #a5a5a5; --line: #7fb0f5; --bad: #ff8a80; --grid: #333 }
}
text { font: 13px system-ui, sans-serif; fill: var(--ink) }
.paper { fill: var(--paper) } .tick { fill: var(--soft); font-size: 11px }
.axis { stroke: var(--grid) } .curve { fill: none; stroke: var(--line); stroke-width: 2 }
.holds { fill: var(--line) } .breaks { fill: var(--paper); stroke: var(--bad); stroke-width: 2 }
.invalid { fill: var(--soft) } .capacity { stroke: var(--ink); stroke-width: 1.5 }
.knee { stroke: var(--soft); stroke-dasharray: 4 4 }`

function panel(
  rows: readonly Row[],
  top: number,
  title: string,
  x: (load: number) => number,
  read: (row: Row) => number,
): string {
  const most = Math.max(1e-9, ...rows.map(read))
  const bottom = top + PLOT.height
  const y = (value: number): number => bottom - (value / most) * PLOT.height
  const place = (row: Row): string => `${x(row.load).toFixed(1)},${y(read(row)).toFixed(1)}`
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(part * most)
    return `<line class="axis" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${at}" y2="${at}"/>
<text class="tick" x="${PLOT.left - 8}" y="${at + 4}" text-anchor="end">${count(part * most)}</text>`
  })
  // What the generator could not do says nothing of the curve.
  const curve = rows.filter(({ outcome }) => outcome !== 'invalid').map(place)
  const points = rows.map((row) => {
    const [cx, cy] = place(row).split(',')
    const title = `${count(row.load)}: ${count(read(row))}, ${MARKS[row.outcome]}`
    return `<circle class="${row.outcome}" cx="${cx}" cy="${cy}" r="4"><title>${title}</title></circle>`
  })
  return `<text x="${PLOT.left}" y="${top - 8}">${title}</text>
${grid.join('\n')}
<polyline class="curve" points="${curve.join(' ')}"/>
${points.join('\n')}`
}

function mark(at: number, height: number, text: string, kind: string, y: number): string {
  const end = at > WIDTH / 2
  return `<line class="${kind}" x1="${at}" x2="${at}" y1="${PLOT.top - 8}" y2="${height - 50}"/>
<text x="${at + (end ? -6 : 6)}" y="${y}" text-anchor="${end ? 'end' : 'start'}">${text}</text>`
}

/** One row a load, in order of load: the mean of its tries, and what most of them said. */
function rowsOf(steps: readonly StepResult[]): Row[] {
  const byLoad = new Map<number, StepResult[]>()
  for (const step of steps) byLoad.set(step.load, [...(byLoad.get(step.load) ?? []), step])
  return [...byLoad]
    .sort(([a], [b]) => a - b)
    .map(([load, tries]) => ({
      load,
      throughput_per_s: mean(tries.map(({ throughput_per_s }) => throughput_per_s)),
      p95_ms: mean(tries.map(({ p95_ms }) => p95_ms)),
      outcome: most(tries.map(({ outcome }) => outcome)),
    }))
}

/** Of as many on both sides, the last one. */
function most(outcomes: readonly Outcome[]): Outcome {
  const times = (outcome: Outcome): number => outcomes.filter((each) => each === outcome).length
  return outcomes.reduce((best, each) => (times(each) >= times(best) ? each : best))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function cell(value: number, width: number): string {
  return count(value).padStart(width)
}

function count(value: number): string {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
