/** The three lists that tell what is going on: most played, rising and falling. Each row leads to its curve. */
import { TOP_KINDS, type TopBy, type TopKind } from '../../../datasets/tables.ts'
import { element } from './element.ts'
import { countText, percentText } from './number-text.ts'
import { PERIOD_NAMES } from './period-names.ts'
import { addressHash, type ReportAddress } from './report-address.ts'
import { type TopReport, type TopRow, topPath } from './report-api.ts'

export const LISTS = [
  { by: 'plays', title: 'Most played', empty: 'Nothing was played in this period.' },
  { by: 'rising', title: 'Rising', empty: 'Nothing rose.' },
  { by: 'falling', title: 'Falling', empty: 'Nothing fell.' },
] as const satisfies readonly { by: TopBy; title: string; empty: string }[]

export const TOP_ROWS = 10

const KIND_NAMES: Record<TopKind, string> = { songs: 'Songs', artists: 'Artists', albums: 'Albums' }

/** `reports` in the order of {@link LISTS}; an Error stands for a list that could not be read. */
export function topLists(reports: readonly (TopReport | Error)[], address: ReportAddress): Node[] {
  const view = { address, comparable: isComparable(reports[0]!, address) }
  return [
    element(
      'div',
      { class: 'tops-head' },
      element('h2', {}, `Top lists · ${PERIOD_NAMES[address.period].toLowerCase()}`),
      kindChoice(address),
    ),
    element('div', { class: 'tops' }, ...LISTS.map((list, at) => topCard(list, reports[at]!, view))),
  ]
}

interface View {
  address: ReportAddress
  /** Whether there is a time before the period to compare it with. */
  comparable: boolean
}

/** Without days before it everything would be new and rising, which says nothing: then no change is shown. */
function isComparable(mostPlayed: TopReport | Error, { period }: ReportAddress): boolean {
  if (period === 'total') return false
  return mostPlayed instanceof Error || mostPlayed.rows.some(({ previous }) => previous > 0)
}

function kindChoice(address: ReportAddress): HTMLElement {
  const links = TOP_KINDS.map((kind) =>
    element(
      'a',
      {
        href: addressHash({ ...address, top: kind }),
        'aria-current': kind === address.top && 'true',
        'data-top': kind,
      },
      KIND_NAMES[kind],
    ),
  )
  return element('nav', { class: 'segments', 'aria-label': 'What the lists rank' }, ...links)
}

function topCard(list: (typeof LISTS)[number], report: TopReport | Error, view: View): HTMLElement {
  const { by, title } = list
  const { address, comparable } = view
  const head = element('h3', { id: `top-${by}` }, title)
  const card = element('section', { class: 'card top', 'aria-labelledby': `top-${by}`, 'data-by': by })
  if (report instanceof Error) {
    card.append(head, element('p', { class: 'problem', role: 'alert' }, report.message))
    return card
  }
  const csv = topPath(address.top, by, address.period, 100, 'csv')
  card.append(
    element(
      'div',
      { class: 'card-head' },
      head,
      element('a', { class: 'small', href: csv, download: true, 'aria-label': `${title} as CSV` }, 'CSV'),
    ),
  )
  const missing = whyEmpty(list, report, comparable)
  if (missing !== undefined) card.append(element('p', { class: 'muted' }, missing))
  else {
    const most = Math.max(
      1,
      ...report.rows.map(({ value, previous }) => Math.max(value, by === 'falling' ? previous : 0)),
    )
    card.append(element('ol', { class: 'top-list' }, ...report.rows.map((row) => topItem(row, most, by, view))))
  }
  return card
}

/** What stands in place of the list; undefined when it has rows to show. */
function whyEmpty({ by, empty }: (typeof LISTS)[number], report: TopReport, comparable: boolean): string | undefined {
  if (report.meta.days_published === 0) return 'No day of this period is published yet.'
  if (!comparable && by !== 'plays') return 'There are no days before this period to compare with.'
  return report.rows.length === 0 ? empty : undefined
}

function topItem(row: TopRow, most: number, by: TopBy, { address, comparable }: View): HTMLElement {
  const { id, name, artist_name, value, rank } = row
  const subject = { kind: address.top, id }
  const here = address.subject?.kind === subject.kind && address.subject.id === id
  const bar = element('span', { class: 'top-bar' })
  bar.style.width = `${(100 * value) / most}%`
  return element(
    'li',
    {},
    element(
      'a',
      { href: addressHash({ ...address, subject }), class: 'top-row', 'aria-current': here && 'true', 'data-id': id },
      bar,
      element('span', { class: 'top-rank' }, rank),
      element(
        'span',
        { class: 'top-name' },
        element('span', { class: 'top-title' }, name || id),
        artist_name ? element('span', { class: 'top-artist' }, artist_name) : undefined,
      ),
      element(
        'span',
        { class: 'top-value' },
        element('span', {}, countText(value), element('span', { class: 'sr-only' }, ' plays')),
        comparable && changeMark(row, by),
      ),
    ),
  )
}

/** How the value compares with the period before. An arrow, a sign and words: colour alone would not do. */
function changeMark({ value, previous }: TopRow, by: TopBy): HTMLElement {
  const title = `${countText(previous)} in the period before`
  if (previous === 0) {
    return element('span', { class: 'change change-up', title }, value === 0 ? '' : by === 'plays' ? 'new' : '▲ new')
  }
  const change = (value - previous) / previous
  if (change === 0) return element('span', { class: 'change', title }, '= same')
  const up = change > 0
  return element(
    'span',
    { class: `change ${up ? 'change-up' : 'change-down'}`, title },
    `${up ? '▲' : '▼'} ${percentText(change)}`,
    element('span', { class: 'sr-only' }, up ? ' up' : ' down'),
  )
}
