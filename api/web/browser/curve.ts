/**
 * The curve of plays and listeners a day. Days without a publication are hatched and leave a gap in the lines: a
 * missing number must not look like a zero.
 */
import uPlot from 'uplot'
import { DAY_MS, dayStartMs } from '../../../datasets/day.ts'
import { element } from './element.ts'
import { countText, dayText, shortDayText } from './number-text.ts'
import type { CurvePoint } from './report-api.ts'

const DAY_SECONDS = DAY_MS / 1000
/** CSS pixels; `.curve-canvas` in the stylesheet keeps the room. */
const HEIGHT = 280

/** Draws into `host` and follows its width and the colour scheme until `signal` aborts. */
export function drawCurve(host: HTMLElement, series: readonly CurvePoint[], label: string, signal: AbortSignal): void {
  const readout = element('p', { class: 'curve-readout' })
  const canvas = element('div', {
    class: 'curve-canvas',
    role: 'img',
    tabindex: 0,
    'aria-label': `${label} Arrow keys read single days; the table below has them all.`,
  })
  host.replaceChildren(readout, canvas)
  const read = (at: number | null | undefined): void => {
    readout.replaceChildren(...readoutOf(at == null ? undefined : series[at]))
  }
  let plot = plotCurve(canvas, series, read)
  read(null)

  const redraw = (): void => {
    plot.destroy()
    plot = plotCurve(canvas, series, read)
  }
  const resize = new ResizeObserver(() => {
    const width = canvas.clientWidth
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT })
  })
  resize.observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal })
  signal.addEventListener('abort', () => {
    resize.disconnect()
    plot.destroy()
  })
  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[
      event.key
    ]
    if (step === undefined) return
    event.preventDefault()
    const from = plot.cursor.idx ?? (step > 0 ? -1 : series.length)
    const to = Math.max(0, Math.min(series.length - 1, from + step))
    plot.setCursor({ left: plot.valToPos(plot.data[0][to]!, 'x'), top: 10 })
  })
}

function readoutOf(point: CurvePoint | undefined): Node[] {
  if (point === undefined) {
    return [key('plays', 'Plays'), key('listeners', 'Listeners'), element('span', { class: 'muted' }, 'a day, UTC')]
  }
  const day = element('strong', {}, dayText(point.day))
  if (!point.published) return [day, element('span', { class: 'muted' }, 'not published yet')]
  return [
    day,
    key('plays', `${countText(point.plays)} ${point.plays === 1 ? 'play' : 'plays'}`),
    key('listeners', `${countText(point.listeners)} ${point.listeners === 1 ? 'listener' : 'listeners'}`),
  ]
}

function key(name: 'plays' | 'listeners', text: string): HTMLElement {
  return element('span', { class: `key key-${name}` }, text)
}

function plotCurve(
  host: HTMLElement,
  series: readonly CurvePoint[],
  read: (at: number | null | undefined) => void,
): uPlot {
  const style = getComputedStyle(host)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const font = `12px ${style.fontFamily}`
  const axis = {
    stroke: colour('text-soft'),
    font,
    grid: { stroke: colour('line-soft'), width: 1 },
    ticks: { show: false },
  }
  // With few days a line alone can be hard to see, and one day is no line at all.
  const points = { show: series.length <= 31, size: 5 }
  const x = series.map(({ day }) => dayStartMs(day) / 1000)
  const first = x[0] ?? 0
  const last = x.at(-1) ?? 0
  return new uPlot(
    {
      width: Math.max(280, host.clientWidth),
      height: HEIGHT,
      padding: [12, 12, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      scales: {
        x: { time: true, range: () => [first - DAY_SECONDS / 2, last + DAY_SECONDS / 2] },
        y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          size: 32,
          grid: { show: false },
          space: 64,
          incrs: [1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * DAY_SECONDS),
          splits: (_, __, min, max, incr) => {
            const ticks: number[] = []
            for (let at = first; at <= max; at += incr) if (at >= min) ticks.push(at)
            return ticks
          },
          values: (_, splits) => splits.map((seconds) => shortDayText(seconds * 1000)),
        },
        {
          ...axis,
          size: 52,
          incrs: [1, 2, 5]
            .flatMap((step) => Array.from({ length: 9 }, (_, power) => step * 10 ** power))
            .sort((a, b) => a - b),
          values: (_, splits) => splits.map((value) => countText(value)),
        },
      ],
      series: [
        {},
        { label: 'Plays', stroke: colour('plays'), fill: colour('plays-soft'), width: 2, points },
        { label: 'Listeners', stroke: colour('listeners'), width: 2, points },
      ],
      hooks: {
        drawClear: [(plot) => hatchUnpublished(plot, series, colour('hatch'))],
        setCursor: [(plot) => read(plot.cursor.idx)],
      },
    },
    [
      x,
      series.map((point) => (point.published ? point.plays : null)),
      series.map((point) => (point.published ? point.listeners : null)),
    ],
    host,
  )
}

/** Slanted lines over every day that has no publication, half a day to each side of its mark. */
function hatchUnpublished(plot: uPlot, series: readonly CurvePoint[], colour: string): void {
  const { ctx } = plot
  const { top, height, left, width } = plot.bbox
  const step = 8 * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  for (const [at, { published }] of series.entries()) {
    if (published) continue
    const middle = plot.data[0][at]!
    const from = plot.valToPos(middle - DAY_SECONDS / 2, 'x', true)
    ctx.rect(from, top, plot.valToPos(middle + DAY_SECONDS / 2, 'x', true) - from, height)
  }
  ctx.clip()
  ctx.beginPath()
  for (let start = left - height; start < left + width; start += step) {
    ctx.moveTo(start, top + height)
    ctx.lineTo(start + height, top)
  }
  ctx.strokeStyle = colour
  ctx.lineWidth = devicePixelRatio
  ctx.stroke()
  ctx.restore()
}
