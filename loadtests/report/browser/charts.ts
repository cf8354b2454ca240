/** All charts of a run, kept in step with it. */
import type { Mark } from '../../metrics/timeline.ts'
import { clockText } from '../number-text.ts'
import type { Pictures } from '../panels.ts'
import { Chart, type ChartSpec } from './chart.ts'
import { element } from './element.ts'

export class Charts {
  readonly #host: HTMLElement
  readonly #charts = new Map<string, Chart>()

  constructor(host: HTMLElement) {
    this.#host = host
  }

  /** Draws what is new, and more of what is there. */
  show({ at_s, panels }: Pictures, marks: readonly Mark[]): void {
    for (const { title, note, unit, lines } of panels)
      this.#put({ title, note, unit, lines, x: at_s, axis: 'time', marks })
  }

  /** A chart that is not of time. */
  put(spec: Omit<ChartSpec, 'axis' | 'marks'>): void {
    this.#put({ ...spec, axis: 'odds', marks: [] })
  }

  #put(spec: ChartSpec): void {
    const known = this.#charts.get(spec.title)
    if (known) {
      known.update(spec)
      return
    }
    const chart = new Chart(spec)
    this.#charts.set(spec.title, chart)
    this.#host.append(chart.figure)
    chart.draw()
  }
}

/** The marks in words, under the numbers that they have in the charts. */
export function markList(marks: readonly Mark[]): HTMLElement {
  return element(
    'ol',
    { class: 'marks' },
    ...marks.map(({ at_s, until_s, kind, text }) =>
      element(
        'li',
        {},
        element('span', { class: `mark mark-${kind}` }, kind),
        ` ${clockText(at_s)}${until_s === undefined ? '' : ` to ${clockText(until_s)}`} ${text}`,
      ),
    ),
  )
}
