/** Plots as SVG text: lines, dots and bars over linear or logarithmic axes, coloured by the page that holds them. */

export interface Series {
  name: string
  /** `published` and `law` are drawn as references beside what was simulated. */
  role: 'simulated' | 'second' | 'published' | 'law'
  shape: 'line' | 'dots' | 'bars'
  x: readonly number[]
  y: readonly number[]
}

export interface Plot {
  title: string
  /** Ids of the rows that it shows. */
  rows: readonly string[]
  note: string
  xLabel: string
  yLabel: string
  xScale?: 'log'
  yScale?: 'log'
  /** Texts of whole x from 0 on, in place of numbers. */
  xNames?: readonly string[]
  yFrom?: number
  series: readonly Series[]
}

const WIDTH = 460
const HEIGHT = 270
const BOX = { left: 56, right: 12, top: 12, bottom: 40 }

export function plotSvg(plot: Plot): string {
  const x = axis(
    plot.series.flatMap((each) => [...each.x]),
    plot.xScale,
    BOX.left,
    WIDTH - BOX.right,
    undefined,
    plot.xNames,
  )
  const y = axis(
    plot.series.flatMap((each) => [...each.y]),
    plot.yScale,
    HEIGHT - BOX.bottom,
    BOX.top,
    plot.yFrom,
  )
  const grid = y.ticks.map(
    ({ at, text }) =>
      `<line class="grid" x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${at}" y2="${at}"/><text x="${BOX.left - 6}" y="${at + 3.5}" text-anchor="end">${text}</text>`,
  )
  const marks = x.ticks.map(
    ({ at, text }) =>
      `<line class="tick" x1="${at}" x2="${at}" y1="${HEIGHT - BOX.bottom}" y2="${HEIGHT - BOX.bottom + 4}"/><text x="${at}" y="${HEIGHT - BOX.bottom + 16}" text-anchor="middle">${text}</text>`,
  )
  const middle = (HEIGHT - BOX.bottom + BOX.top) / 2
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${plot.title}. ${plot.note}`)}">
${grid.join('')}${marks.join('')}<line class="frame" x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${HEIGHT - BOX.bottom}" y2="${HEIGHT - BOX.bottom}"/>
<text class="label" x="${(BOX.left + WIDTH - BOX.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(plot.xLabel)}</text>
<text class="label" transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle">${escaped(plot.yLabel)}</text>
${plot.series.map((each, i) => drawn(each, x.place, y.place, i, plot.series.length)).join('\n')}
</svg>`
}

export function legend(plot: Plot): string {
  return plot.series
    .map(({ name, role, shape }) => `<span class="key ${role} ${shape}">${escaped(name)}</span>`)
    .join('')
}

/** Text that may stand in HTML and in attributes. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function drawn(
  { role, shape, x, y, name }: Series,
  placeX: Place,
  placeY: Place,
  index: number,
  count: number,
): string {
  const points = x
    .map((each, i) => [placeX(each), placeY(y[i]!)] as const)
    .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
  const text = (value: number): string => value.toFixed(1)
  if (shape === 'line')
    return `<polyline class="${role}" points="${points.map(([px, py]) => `${text(px)},${text(py)}`).join(' ')}"><title>${escaped(name)}</title></polyline>`
  if (shape === 'dots')
    return `<g class="${role} dots">${points.map(([px, py]) => `<circle cx="${text(px)}" cy="${text(py)}" r="2.2"/>`).join('')}</g>`
  const step = Math.abs(placeX(1) - placeX(0))
  const width = (0.8 * step) / count
  const floor = HEIGHT - BOX.bottom
  return `<g class="${role} bars">${points.map(([px, py]) => `<rect x="${text(px - (width * count) / 2 + width * index)}" y="${text(py)}" width="${text(width)}" height="${text(floor - py)}"/>`).join('')}</g>`
}

type Place = (value: number) => number

interface Axis {
  place: Place
  ticks: { at: number; text: string }[]
}

function axis(
  values: readonly number[],
  scale: 'log' | undefined,
  from: number,
  to: number,
  least?: number,
  names?: readonly string[],
): Axis {
  const usable = values.filter((value) => Number.isFinite(value) && (scale === undefined || value > 0))
  let low = least ?? Math.min(...usable)
  let high = Math.max(...usable)
  if (names) [low, high] = [-0.5, names.length - 0.5]
  else if (scale === undefined) high += 0.04 * (high - low)
  const of = scale === 'log' ? Math.log10 : (value: number): number => value
  if (of(high) - of(low) < 1e-9) high = low + 1
  const place = (value: number): number => from + ((of(value) - of(low)) / (of(high) - of(low))) * (to - from)
  const at = (value: number): number => Math.round(place(value) * 10) / 10
  if (names) return { place, ticks: names.map((text, i) => ({ at: at(i), text: escaped(text) })) }
  return {
    place,
    ticks: (scale === 'log' ? decades(low, high) : steps(low, high)).map((value) => ({
      at: at(value),
      text: short(value),
    })),
  }
}

/** Powers of ten; with 2 and 5 between them where there are few. */
function decades(low: number, high: number): number[] {
  const few = Math.log10(high / low) < 2.2
  const found: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of few ? [1, 2, 5] : [1]) {
      const value = digit * 10 ** power
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value)
    }
  }
  return found
}

/** Four to eight round numbers. */
function steps(low: number, high: number): number[] {
  const rough = (high - low) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = unit * ([1, 2, 5, 10].find((each) => each * unit >= rough) ?? 10)
  const found: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * 1.0001; i++) found.push(i * step)
  return found
}

function short(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`
  return size >= 0.001 ? String(Number(value.toPrecision(3))) : value.toExponential(0)
}
