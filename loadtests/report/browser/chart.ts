/**
 * One picture: lines over time (or over percentiles), with what happened to the run marked in it. A chart follows the
 * width of its place and the colour scheme, can be given more data, and is read by pointer, touch or arrow keys.
 */
import uPlot from 'uplot'
import type { Mark } from '../../metrics/timeline.ts'
import { clockText, numberText, type Unit } from '../number-text.ts'
import type { Line } from '../panels.ts'
import { element } from './element.ts'

/** CSS pixels; `.chart-canvas` in the stylesheet keeps the room. */
const HEIGHT = 220

export interface ChartSpec {
  title: string
  note?: string | undefined
  unit: Unit
  lines: readonly Line[]
  /** What the horizontal axis counts: seconds of the run, or odds as in percentile-curve.ts. */
  x: readonly number[]
  axis: 'time' | 'odds'
  marks: readonly Mark[]
}

export class Chart {
  readonly figure: HTMLElement
  #spec: ChartSpec
  #plot: uPlot | undefined
  readonly #canvas: HTMLElement
  readonly #readout = element('p', { class: 'chart-readout' })

  constructor(spec: ChartSpec) {
    this.#spec = spec
    this.#canvas = element('div', { class: 'chart-canvas', role: 'img', tabindex: 0, 'aria-label': describe(spec) })
    this.figure = element(
      'figure',
      { class: 'card chart' },
      element('figcaption', {}, element('h3', {}, spec.title)),
      this.#readout,
      this.#canvas,
    )
    if (spec.note !== undefined) this.figure.append(element('p', { class: 'note' }, spec.note))
    this.#read(undefined)
  }

  /** To be called once the figure is in the page: only then does it have a width. */
  draw(): void {
    this.#redraw()
    new ResizeObserver(() => {
      const width = this.#canvas.clientWidth
      if (width > 0 && width !== this.#plot?.width) this.#plot?.setSize({ width, height: HEIGHT })
    }).observe(this.#canvas)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#redraw())
    this.#canvas.addEventListener('keydown', (event) => this.#step(event))
  }

  /** The same picture with more in it. */
  update(spec: ChartSpec): void {
    const sameLines = spec.lines.length === this.#spec.lines.length
    this.#spec = spec
    if (!sameLines) this.#redraw()
    else this.#plot?.setData(dataOf(spec))
    if (this.#plot?.cursor.idx == null) this.#read(undefined)
  }

  #redraw(): void {
    this.#plot?.destroy()
    this.#plot = plotOf(
      this.#canvas,
      () => this.#spec,
      (at) => this.#read(at),
    )
  }

  /** Values under the cursor; without one, what the lines are and their latest value. */
  #read(at: number | null | undefined): void {
    const { lines, unit, x, axis } = this.#spec
    const here = at ?? undefined
    const where = here === undefined ? undefined : x[here]
    const texts = lines.map(({ name, ink, values }) => {
      const value = here === undefined ? undefined : values[here]
      const shown = here === undefined ? '' : ` ${value == null ? '–' : numberText(value, unit)}`
      return element('span', { class: `key key-${ink}` }, `${name}${shown}`)
    })
    const title = where === undefined ? '' : axis === 'time' ? clockText(where) : percentileText(where)
    this.#readout.replaceChildren(...texts, element('strong', {}, title))
  }

  #step(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    const plot = this.#plot
    if (step === undefined || plot === undefined) return
    event.preventDefault()
    const last = this.#spec.x.length - 1
    const from = plot.cursor.idx ?? (step > 0 ? -1 : last + 1)
    const to = Math.max(0, Math.min(last, from + step))
    plot.setCursor({ left: plot.valToPos(this.#spec.x[to]!, 'x'), top: 10 })
  }
}

function dataOf({ x, lines }: ChartSpec): uPlot.AlignedData {
  return [x as number[], ...lines.map(({ values }) => values)]
}

function describe({ title, lines, unit, x }: ChartSpec): string {
  const peaks = lines.map(({ name, values }) => {
    const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0)
    return `${name} up to ${numberText(most, unit)}`
  })
  return `${title}: ${peaks.join(', ')}, ${x.length} points. Arrow keys read single points.`
}

function plotOf(host: HTMLElement, spec: () => ChartSpec, read: (at: number | null | undefined) => void): uPlot {
  const style = getComputedStyle(host)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const { axis, unit, lines } = spec()
  const common = {
    stroke: colour('text-soft'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('line-soft'), width: 1 },
    ticks: { show: false },
  }
  const time = axis === 'time'
  return new uPlot(
    {
      width: Math.max(240, host.clientWidth),
      height: HEIGHT,
      padding: [14, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, ...(time && { sync: { key: 'run' } }) },
      scales: {
        x: time
          ? { time: false, range: (_, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 10)] }
          : { time: false, distr: 3, range: (_, __, max) => [1, Math.max(10, max ?? 10)] },
        y: { range: (_, __, max) => [0, (max ?? 0) > 0 ? max * 1.08 : 1] },
      },
      axes: [
        time
          ? {
              ...common,
              size: 30,
              space: 60,
              grid: { show: false },
              incrs: [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400],
              values: (_, splits) => splits.map(clockText),
            }
          : {
              ...common,
              size: 30,
              splits: (_, __, ___, max) => DECADES.filter((odds) => odds <= max * 1.01),
              // The library would leave out the 2.
              filter: (_, splits) => splits,
              values: (_, splits) => splits.map(percentileText),
            },
        {
          ...common,
          size: (_, values) => 18 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
          values: (_, splits) => splits.map((value) => numberText(value, unit)),
        },
      ],
      series: [
        {},
        ...lines.map(({ name, ink }) => ({
          label: name,
          stroke: colour(`ink-${ink}`),
          width: 2,
          points: { show: true, size: 5, filter: (plot: uPlot, of: number) => lonely(plot.data[of]!) },
        })),
      ],
      hooks: {
        drawClear: [(plot) => drawMarks(plot, spec().marks, colour)],
        setCursor: [(plot) => read(plot.cursor.idx)],
      },
    },
    dataOf(spec()),
    host,
  )
}

/** Values with a gap on either side: no line shows them. */
function lonely(values: uPlot.AlignedData[number]): number[] {
  return Array.from(values.keys()).filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  )
}

const DECADES = [2, 10, 100, 1000, 10_000, 100_000, 1_000_000]

/** 2 → `50 %`, 10 → `90 %`, 1,000 → `99.9 %`: as many digits as tell the share above. */
function percentileText(odds: number): string {
  const digits = Math.max(0, Math.ceil(Math.log10(odds) - 1e-9) - 1)
  return `${Number((100 * (1 - 1 / odds)).toFixed(digits))} %`
}

/** A line where something happened, a band while it lasted, and its number in the list of marks. */
function drawMarks(plot: uPlot, marks: readonly Mark[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height)
  ctx.clip()
  ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  for (const [at, { at_s, until_s, kind }] of marks.entries()) {
    const from = plot.valToPos(at_s, 'x', true)
    const ink = colour(kind === 'fault' || kind === 'abort' ? 'ink-bad' : 'text-soft')
    ctx.strokeStyle = ink
    ctx.fillStyle = ink
    if (until_s !== undefined) {
      ctx.globalAlpha = 0.13
      ctx.fillRect(from, bbox.top, Math.max(ratio, plot.valToPos(until_s, 'x', true) - from), bbox.height)
      ctx.globalAlpha = 1
    }
    ctx.lineWidth = ratio
    ctx.setLineDash([4 * ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(from, bbox.top)
    ctx.lineTo(from, bbox.top + bbox.height)
    ctx.stroke()
    ctx.fillText(String(at + 1), from + 3 * ratio, Math.max(0, bbox.top - 13 * ratio))
  }
  ctx.restore()
}
