/** Draws the report's pictures from the data that the page carries. */
import type { Mark } from '../../metrics/timeline.ts'
import type { Pictures } from '../panels.ts'
import type { Spread } from '../percentile-curve.ts'
import { Charts } from './charts.ts'

interface Data {
  pictures: Pictures
  marks: Mark[]
  spread?: Spread
}

const { pictures, marks, spread } = JSON.parse(document.getElementById('run-data')!.textContent) as Data
const host = document.getElementById('charts')!
const charts = new Charts(host)
charts.show(pictures, marks)
if (spread) {
  charts.put({
    title: 'Times by percentile',
    note: 'How long the slowest took: each step to the right leaves out nine of ten. The last point is the slowest of all.',
    unit: 'ms',
    x: spread.odds,
    lines: spread.curves,
  })
}
// Whoever prints the page, or takes a picture of it, can tell that it is complete.
host.dataset['drawn'] = String(host.childElementCount)
