/** What the page opens on: everything that was counted, day by day, before anything is picked. */
import { addDays, type Day, daysBetween } from '../../../datasets/day.ts'
import { type CurveDay, drawCurve, type Line } from './curve.ts'
import { element } from './element.ts'
import { countText, dayText } from './number-text.ts'
import type { Publications } from './report-api.ts'

const LINES: readonly Line[] = [
  { name: 'Events of every kind', one: 'event', many: 'events', colour: 'plays', filled: true },
]
/** A year and a day: more would be thinner than the line. */
const DAYS_MAX = 366

/** Puts the overview into `host`. The curve lives until `signal` aborts. */
export function showOverview(host: HTMLElement, published: Publications, signal: AbortSignal): void {
  const { first, last } = published
  if (first === null || last === null) {
    host.replaceChildren(invitation('Nothing is published yet. After the next nightly aggregation, curves are here.'))
    return
  }
  const days = overviewDays(published, first, last)
  const sentence = overviewSentence(days)
  const curve = element('div', { class: 'curve' })
  host.replaceChildren(
    invitation('Search for a song or an artist, or take one from a list, to see its curve.'),
    element(
      'section',
      { class: 'card subject', 'aria-labelledby': 'overview-title' },
      element('h2', { id: 'overview-title' }, 'All events'),
      element('p', { class: 'sentence' }, sentence),
      curve,
      element(
        'div',
        { class: 'card-foot' },
        element('span', { class: 'muted small' }, `Published days, ${dayText(days[0]!.day)} to ${dayText(last)}`),
        element('a', { class: 'small', href: '/v1/reports/days?format=csv', download: true }, 'Download CSV'),
      ),
    ),
  )
  drawCurve(curve, LINES, days, sentence, signal)
}

/** Every day from the first published to the last, a year at most. */
export function overviewDays({ publications }: Publications, first: Day, last: Day): CurveDay[] {
  const events = new Map(publications.map((publication) => [publication.scope, publication.events]))
  const start = addDays(last, 1 - DAYS_MAX)
  return daysBetween(first < start ? start : first, last).map((day) => {
    const count = events.get(day)
    return { day, counts: count === undefined ? undefined : [count] }
  })
}

/** `1,204,113 events are counted on 90 days; the busiest was 12 Sep 2026 with 21,004.` */
export function overviewSentence(days: readonly CurveDay[]): string {
  const counted = days.flatMap(({ day, counts }) => (counts === undefined ? [] : [{ day, events: counts[0]! }]))
  const busiest = counted.reduce((best, one) => (one.events > best.events ? one : best))
  const total = counted.reduce((sum, { events }) => sum + events, 0)
  const missing = days.length - counted.length
  const on = counted.length === 1 ? 'on one day' : `on ${countText(counted.length)} days`
  const gap =
    missing === 0
      ? ''
      : ` ${missing === 1 ? 'One day' : `${countText(missing)} days`} between ${missing === 1 ? 'is' : 'are'} not published.`
  if (total === 0) return `No event is counted ${on}.${gap}`
  const peak = counted.length === 1 ? '' : `; the busiest was ${dayText(busiest.day)} with ${countText(busiest.events)}`
  return `${countText(total)} ${total === 1 ? 'event is' : 'events are'} counted ${on}${peak}.${gap}`
}

function invitation(text: string): HTMLElement {
  return element(
    'section',
    { class: 'invitation' },
    element('h1', { tabindex: -1 }, 'What is being played'),
    element('p', { class: 'muted' }, text),
  )
}
