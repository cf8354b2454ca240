/** One song, artist or album: what it adds up to, its curve, what the curve says, and every day in a table. */
import type { TopKind } from '../../../datasets/tables.ts'
import { cover } from './cover.ts'
import { drawCurve, type Line } from './curve.ts'
import { curveSentence } from './curve-sentence.ts'
import { type Child, element } from './element.ts'
import { countText, dayText, percentText } from './number-text.ts'
import { PERIOD_NAMES } from './period-names.ts'
import { addressHash, type ReportAddress } from './report-address.ts'
import { type CatalogueEntry, type CurvePoint, type SubjectReport, subjectPath, type Totals } from './report-api.ts'

const KIND_NAMES = { songs: 'Song', artists: 'Artist', albums: 'Album' } as const

const LINES: readonly Line[] = [
  { name: 'Plays', one: 'play', many: 'plays', colour: 'plays', filled: true },
  { name: 'Listeners', one: 'listener', many: 'listeners', colour: 'listeners' },
]

/**
 * Puts the report into `host`. The curve lives until `signal` aborts.
 * @param entry what the catalogue adds: links to the artist and the album
 */
export function showSubject(
  host: HTMLElement,
  report: SubjectReport,
  entry: CatalogueEntry | undefined,
  address: ReportAddress,
  signal: AbortSignal,
): void {
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
          element('p', { class: 'muted' }, ...aboutLine(report, entry, address)),
          element('p', { class: 'muted' }, element('code', {}, id)),
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
  const days = report.series.map((point) => ({
    day: point.day,
    counts: point.published ? [point.plays, point.listeners] : undefined,
  }))
  drawCurve(curve, LINES, days, sentence, signal)
}

/** Artist, album, genre and year, parted by dots; the first two lead to their own curves. */
function aboutLine(report: SubjectReport, entry: CatalogueEntry | undefined, address: ReportAddress): Child[] {
  const link = (kind: TopKind, id: string | undefined, name: string | undefined): Child => {
    if (name === undefined || name === '') return undefined
    if (id === undefined || id === report.id) return name
    return element('a', { href: addressHash({ ...address, subject: { kind, id } }) }, name)
  }
  const artist = report.artist_name ?? entry?.artist_name
  const parts = [
    report.kind !== 'artists' && link('artists', entry?.artist_id, artist),
    report.kind === 'songs' && link('albums', entry?.album_id, entry?.release),
    entry?.location,
    entry?.genre ??
      entry?.terms
        ?.slice(0, 3)
        .map(({ term }) => term)
        .join(', '),
    entry?.year !== undefined && entry.year > 0 && entry.year,
  ].filter((part) => part !== undefined && part !== false && part !== '')
  return parts.flatMap((part, at) => (at === 0 ? [part] : [' · ', part]))
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
