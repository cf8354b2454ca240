/**
 * What the report page shows, as the part of its address behind `#`. The address is the page's whole state, so a link
 * shows its reader what its sender saw: `#/songs/TRABCDE1234567890A?period=last-28-days&top=artists`.
 */
import { PERIODS, type Period } from '../../../datasets/period.ts'
import { TOP_KINDS, type TopKind } from '../../../datasets/tables.ts'

export interface ReportAddress {
  /** The song, artist or album whose curve is shown; without one the page opens on the top lists. */
  subject?: Subject
  period: Period
  /** What the top lists rank. */
  top: TopKind
}

export interface Subject {
  kind: TopKind
  id: string
}

/** Four whole weeks, so that every weekday counts the same in a comparison with the four weeks before. */
export const DEFAULT_ADDRESS: ReportAddress = { period: 'last-28-days', top: 'songs' }

/** Reads any text: what is missing or not understood is the default's. */
export function readAddress(hash: string): ReportAddress {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?')
  const [kind = '', id = ''] = split(path, '/')
  const search = new URLSearchParams(query)
  const subject = TOP_KINDS.find((one) => one === kind)
  const decoded = decode(id)
  return {
    ...(subject !== undefined && decoded !== '' && { subject: { kind: subject, id: decoded } }),
    period: PERIODS.find((one) => one === search.get('period')) ?? DEFAULT_ADDRESS.period,
    top: TOP_KINDS.find((one) => one === search.get('top')) ?? DEFAULT_ADDRESS.top,
  }
}

/** The inverse of {@link readAddress}; defaults are left out, so that equal views have one address. */
export function addressHash({ subject, period, top }: ReportAddress): string {
  const search = new URLSearchParams()
  if (period !== DEFAULT_ADDRESS.period) search.set('period', period)
  if (top !== DEFAULT_ADDRESS.top) search.set('top', top)
  const path = subject === undefined ? '' : `${subject.kind}/${encodeURIComponent(subject.id)}`
  return `#/${path}${search.size > 0 ? `?${search}` : ''}`
}

function split(text: string, mark: string): string[] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Percent-encoding that is broken is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
