/**
 * A curve of counts a day. Days without a publication are hatched and leave a gap in the lines: a
 * missing number must not look like a zero.
 */
import uPlot from 'uplot'
import { DAY_MS, type Day, dayStartMs } from '../../../datasets/day.ts'
import { element } from './element.ts'
import { countText, dayText, shortDayText } from './number-text.ts'

const DAY_SECONDS = DAY_MS / 1000
/** CSS pixels; `.curve-canvas` in the stylesheet keeps the room. */
const HEIGHT = 280

/** What is counted: `one` and `many` of it, and the colour of its line in the stylesheet. */
export interface Line {
  name: string
  one: string
  many: string
  colour: 'plays' | 'listeners'
  filled?: boolean
}

export interface CurveDay {
  day: Day
  /** In the order of the lines; undefined when the day is not published. */
  counts: readonly number[] | undefined
}

/** Draws into `host` and follows its width and the colour scheme until `signal` aborts. */
export function drawCurve(
  host: HTMLElement,
  lines: readonly Line[],
  days: readonly CurveDay[],
  label: string,
  signal: AbortSignal,
): void {
  if (days.length === 0) {
    host.replaceChildren(element('p', { class: 'muted' }, 'This period holds no day yet.'))
    return
  }
  const readout = element('p', { class: 'curve-readout' })
  const canvas = element('div', {
    class: 'curve-canvas',
    role: 'img',
    tabindex: 0,
    'aria-label': `${label} Arrow keys read single days.`,
  })
  host.replaceChildren(readout, canvas)
  const read = (at: number | null | undefined): void => {
    readout.replaceChildren(...readoutOf(lines, at == null ? undefined : days[at]))
  }
  let plot = plotCurve(canvas, lines, days, read)
  read(null)

  const redraw = (): void => {
    plot.destroy()
    plot = plotCurve(canvas, lines, days, read)
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
    const from = plot.cursor.idx ?? (step > 0 ? -1 : days.length)
    const to = Math.max(0, Math.min(days.length - 1, from + step))
    plot.setCursor({ left: plot.valToPos(plot.data[0][to]!, 'x'), top: 10 })
  })
}

function readoutOf(lines: readonly Line[], at: CurveDay | undefined): Node[] {
  if (at === undefined) {
    return [...lines.map((line) => key(line, line.name)), element('span', { class: 'muted' }, 'a day, UTC')]
  }
  const { counts } = at
  const day = element('strong', {}, dayText(at.day))
  if (counts === undefined) return [day, element('span', { class: 'muted' }, 'not published yet')]
  return [
    day,
    ...lines.map((line, of) => key(line, `${countText(counts[of]!)} ${counts[of] === 1 ? line.one : line.many}`)),
  ]
}

function key({ colour }: Line, text: string): HTMLElement {
  return element('span', { class: `key key-${colour}` }, text)
}

function plotCurve(
  host: HTMLElement,
  lines: readonly Line[],
  days: readonly CurveDay[],
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
  const points = { show: days.length <= 31, size: 5 }
  const x = days.map(({ day }) => dayStartMs(day) / 1000)
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
          incrs: [1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * DAY_SECONDS),
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
        ...lines.map(({ name, colour: ink, filled }) => ({
          label: name,
          stroke: colour(ink),
          width: 2,
          points,
          ...(filled && { fill: colour(`${ink}-soft`) }),
        })),
      ],
      hooks: {
        drawClear: [(plot) => hatchUnpublished(plot, days, colour('hatch'))],
        setCursor: [(plot) => read(plot.cursor.idx)],
      },
    },
    [x, ...lines.map((_, of) => days.map(({ counts }) => counts?.[of] ?? null))],
    host,
  )
}

/** Slanted lines over every day that has no publication, half a day to each side of its mark. */
function hatchUnpublished(plot: uPlot, days: readonly CurveDay[], colour: string): void {
  const { ctx } = plot
  const { top, height, left, width } = plot.bbox
  const step = 8 * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  for (const [at, { counts }] of days.entries()) {
    if (counts !== undefined) continue
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
