/** Reads the run's feed, draws it and passes on what the buttons ask for. */

import type { Mark, TimelineBucket } from '../../metrics/timeline.ts'
import { Charts, markList } from '../../report/browser/charts.ts'
import { picturesOf } from '../../report/panels.ts'
import { BUCKETS_KEPT, type Ended, type Told } from '../feed.ts'
import { liveLine } from '../live-line.ts'

const at = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const charts = new Charts(at('charts'))
const pause = at<HTMLButtonElement>('pause')
const count = at<HTMLInputElement>('count')

let timeline: TimelineBucket[] = []
let marks: Mark[] = []
let paused = false
let drawing = false

/** Many messages come at once when a page is opened late: they are one picture. */
function draw(): void {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    charts.show(picturesOf(timeline), marks)
    at('charts').dataset['buckets'] = String(timeline.length)
    at('marks').replaceChildren(...(marks.length > 0 ? [markList(marks)] : []))
  })
}

const feed = new EventSource('feed')

function on<E extends Told['event']>(event: E, take: (data: Extract<Told, { event: E }>['data']) => void): void {
  feed.addEventListener(event, (message) => take(JSON.parse((message as MessageEvent<string>).data)))
}

on('bucket', (bucket) => {
  timeline = [...timeline, bucket].slice(-BUCKETS_KEPT)
  at('now').textContent = liveLine(bucket)
  if (document.activeElement !== count) count.value = String(bucket.vus)
  draw()
})

on('mark', (mark) => {
  const same = ({ at_s, kind, text }: Mark): boolean => at_s === mark.at_s && kind === mark.kind && text === mark.text
  const known = marks.findIndex(same)
  marks = known < 0 ? [...marks, mark] : marks.with(known, mark)
  draw()
})

on('paused', (now) => {
  paused = now
  pause.textContent = paused ? 'Resume' : 'Pause'
})

on('done', (ended) => {
  feed.close()
  at('now').textContent = 'The run has ended.'
  at('controls').hidden = true
  showEnd(ended)
})

feed.onerror = () => {
  at('now').textContent = 'No connection to the run: it has ended, or it will be found again.'
}

function showEnd({ exitCode, problem, verdict, reasons }: Ended): void {
  const box = at('ended')
  const good = exitCode === 0 && verdict === 'VALID'
  box.classList.add(good ? 'is-good' : verdict === 'SUSPECT' && exitCode === 0 ? 'is-warn' : 'is-bad')
  box.textContent = [`${verdict}, exit code ${exitCode}`, problem, ...reasons].filter(Boolean).join(' · ')
  box.hidden = false
  // What a generator that was not fit has drawn is its own.
  if (verdict === 'INVALID') at('charts').hidden = true
}

async function order(body: { action: string; count?: number }): Promise<void> {
  at('problem').textContent = ''
  try {
    const answer = await fetch('control', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (answer.ok) return
    const { detail } = (await answer.json()) as { detail?: string }
    at('problem').textContent = detail ?? `The run refused (${answer.status}).`
  } catch {
    at('problem').textContent = 'The run did not answer.'
  }
}

pause.addEventListener('click', () => order({ action: paused ? 'resume' : 'pause' }))
at('stop').addEventListener('click', () => {
  if (confirm('Stop the run now?')) void order({ action: 'stop' })
})
at('controls').addEventListener('submit', (event) => {
  event.preventDefault()
  count.blur()
  void order({ action: 'scale', count: count.valueAsNumber })
})
