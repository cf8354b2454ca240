/** One song, artist or album: what it adds up to, its curve, what the curve says, and every day in a table. */
import { cover } from './cover.ts'
import { drawCurve } from './curve.ts'
import { curveSentence } from './curve-sentence.ts'
import { element } from './element.ts'
import { countText, dayText, percentText } from './number-text.ts'
import { PERIOD_NAMES } from './period-names.ts'
import { type CurvePoint, type SubjectReport, subjectPath, type Totals } from './report-api.ts'

const KIND_NAMES = { songs: 'Song', artists: 'Artist', albums: 'Album' } as const

/** Puts the report into `host`. The curve lives until `signal` aborts. */
export function showSubject(host: HTMLElement, report: SubjectReport, signal: AbortSignal): void {
  const sentence = curveSentence(report.series)
  const curve = element('div', { class: 'curve' })
  const { kind, id, meta } = report
  host.replaceChildren(
    element(
      'section',
      { class: 'card subject', 'aria-labelledby': 'subject-title' },
      element(
        'div',
        { class: 'subject-head' },
        cover(id),
        element(
          'div',
          {},
          element('p', { class: 'eyebrow' }, KIND_NAMES[kind]),
          element('h1', { id: 'subject-title', tabindex: -1 }, report.name || id),
          element(
            'p',
            { class: 'muted' },
            report.artist_name ? `${report.artist_name} · ` : undefined,
            element('code', {}, id),
          ),
        ),
      ),
      !report.known &&
        element('p', { class: 'notice' }, 'The catalogue does not know this id. Its events are counted all the same.'),
      totalsList(report.totals),
      element('p', { class: 'sentence', id: 'sentence' }, sentence),
      curve,
      element(
        'div',
        { class: 'card-foot' },
        element('span', { class: 'muted small' }, `${PERIOD_NAMES[meta.period]}: ${rangeText(meta.from, meta.to)}`),
        element(
          'a',
          { class: 'small', href: subjectPath(kind, id, meta.period, 'csv'), download: true },
          'Download CSV',
        ),
      ),
      dayTable(report.series),
    ),
  )
  drawCurve(curve, report.series, sentence, signal)
}

function rangeText(from: string, to: string): string {
  if (to < from) return 'no day'
  return from === to ? dayText(from) : `${dayText(from)} to ${dayText(to)}`
}

function totalsList(totals: Totals): HTMLElement {
  const thumbs = totals.tup + totals.tdn
  const tiles: [name: string, value: string, note?: string][] = [
    ['Plays', countText(totals.plays)],
    [
      'Distinct listeners',
      totals.listeners === null ? '–' : countText(totals.listeners),
      totals.listeners === null
        ? 'not counted for this period'
        : totals.listeners > 0
          ? `${(totals.plays / totals.listeners).toFixed(1)} plays each`
          : undefined,
    ],
    ['Skips', countText(totals.skips), share(totals.skips, totals.plays, 'of plays')],
    ['Thumbs up', countText(totals.tup), share(totals.tup, thumbs, 'of thumbs')],
    ['Thumbs down', countText(totals.tdn), share(totals.tdn, thumbs, 'of thumbs')],
    [
      'Rating',
      totals.ratings === 0 ? '–' : (totals.stars_sum / totals.ratings).toFixed(1),
      totals.ratings === 0 ? 'no ratings' : `of 10, from ${countText(totals.ratings)}`,
    ],
    ['Comments', countText(totals.comments)],
    ['Tags', countText(totals.tags)],
  ].map(([name, value, note]) => (note === undefined ? [name!, value!] : [name!, value!, note]))
  return element(
    'dl',
    { class: 'totals' },
    ...tiles.map(([name, value, note]) =>
      element(
        'div',
        { class: 'total' },
        element('dt', {}, name),
        element('dd', {}, value, note !== undefined && element('small', {}, note)),
      ),
    ),
  )
}

function share(part: number, whole: number, of: string): string | undefined {
  return whole === 0 ? undefined : `${percentText(part / whole)} ${of}`
}

const COLUMNS = [
  ['plays', 'Plays'],
  ['listeners', 'Listeners'],
  ['skips', 'Skips'],
  ['tup', 'Thumbs up'],
  ['tdn', 'Thumbs down'],
  ['ratings', 'Ratings'],
  ['comments', 'Comments'],
  ['tags', 'Tags'],
] as const

function dayTable(series: readonly CurvePoint[]): HTMLElement {
  const rows = series
    .toReversed()
    .map((point) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, dayText(point.day)),
        ...(point.published
          ? COLUMNS.map(([measure]) => element('td', {}, countText(point[measure])))
          : [element('td', { colspan: COLUMNS.length, class: 'unpublished' }, 'not published yet')]),
      ),
    )
  const heads = COLUMNS.map(([, name]) => element('th', { scope: 'col' }, name))
  return element(
    'details',
    { class: 'days', open: true },
    element('summary', {}, 'Day by day'),
    element(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Day by day, newest first' },
      element(
        'table',
        {},
        element('caption', { class: 'sr-only' }, 'Counts of each day, newest first. Days are UTC.'),
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Day'), ...heads)),
        element('tbody', {}, ...rows),
      ),
    ),
  )
}
