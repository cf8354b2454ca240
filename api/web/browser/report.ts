/** The report page: its address says what to show; this reads it, asks the server and shows the answers. */
import { PERIODS, type Period } from '../../../datasets/period.ts'
import { byId, element } from './element.ts'
import { instantText } from './number-text.ts'
import { showOverview } from './overview.ts'
import { PERIOD_NAMES } from './period-names.ts'
import { addressHash, readAddress, type Subject } from './report-address.ts'
import {
  catalogueEntry,
  publications,
  type ReportMeta,
  subjectReport,
  type TopReport,
  topReport,
} from './report-api.ts'
import { subjectPicker } from './subject-picker.ts'
import { showSubject } from './subject-view.ts'
import { LISTS, TOP_ROWS, topLists } from './top-lists.ts'

const main = byId('main', HTMLElement)
const freshness = byId('freshness', HTMLElement)
const subjectHost = byId('subject', HTMLElement)
const topsHost = byId('tops', HTMLElement)
const period = byId('period', HTMLSelectElement)

let subjectShown = ''
let topsShown = ''
let subjectReading = new AbortController()
let topsReading = new AbortController()

period.append(...PERIODS.map((one) => element('option', { value: one }, PERIOD_NAMES[one])))
period.addEventListener('change', () => {
  location.hash = addressHash({ ...readAddress(location.hash), period: period.value as Period })
})
subjectPicker(byId('picker', HTMLElement), (subject) => {
  location.hash = addressHash({ ...readAddress(location.hash), subject })
})
byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
  // Its own address would stand for another view.
  event.preventDefault()
  main.focus()
})
addEventListener('hashchange', () => show(true))
show(false)

/** @param moved whether the person went somewhere: then a new subject is scrolled to and gets the focus */
function show(moved: boolean): void {
  const address = readAddress(location.hash)
  period.value = address.period
  byId('home', HTMLAnchorElement).href = addressHash({ period: address.period, top: address.top })
  // The overview is of all days, whatever the period.
  const wanted = address.subject ? `${address.subject.kind}/${address.subject.id}/${address.period}` : 'overview'
  if (wanted !== subjectShown) {
    const sameSubject = subjectShown.startsWith(`${address.subject?.kind}/${address.subject?.id}/`)
    subjectShown = wanted
    void loadSubject(address.subject, address.period, moved && !sameSubject)
  }
  for (const link of subjectHost.querySelectorAll<HTMLAnchorElement>('a[href^="#/"]')) {
    link.href = addressHash({ ...readAddress(link.hash), top: address.top })
  }
  const wantedTops = `${address.top}/${address.period}`
  if (wantedTops !== topsShown) {
    topsShown = wantedTops
    void loadTops()
  } else markCurrent(address.subject)
}

async function loadSubject(subject: Subject | undefined, of: Period, moved: boolean): Promise<void> {
  subjectReading.abort()
  const reading = new AbortController()
  const { signal } = reading
  subjectReading = reading
  if (moved) scrollTo({ top: 0 })
  subjectHost.setAttribute('aria-busy', 'true')
  try {
    if (subject === undefined) {
      showOverview(subjectHost, await publications(signal), signal)
      document.title = 'MusicBox · Reports'
    } else {
      const report = await subjectReport(subject.kind, subject.id, of, signal)
      // Links to artist and album are welcome, not needed.
      const entry = report.known
        ? await catalogueEntry(subject.kind, subject.id, signal).catch(() => undefined)
        : undefined
      if (signal.aborted) return
      showFreshness(report.meta)
      showSubject(subjectHost, report, entry, readAddress(location.hash), signal)
      document.title = `${report.name || report.id} · MusicBox`
      if (moved) byId('subject-title', HTMLElement).focus({ preventScroll: true })
    }
  } catch (error) {
    if (signal.aborted) return
    subjectHost.replaceChildren(failure(error as Error, () => void loadSubject(subject, of, false)))
  } finally {
    if (subjectReading === reading) subjectHost.removeAttribute('aria-busy')
  }
}

async function loadTops(): Promise<void> {
  topsReading.abort()
  const reading = new AbortController()
  topsReading = reading
  topsHost.setAttribute('aria-busy', 'true')
  const { top, period: of } = readAddress(location.hash)
  const answers = await Promise.allSettled(LISTS.map(({ by }) => topReport(top, by, of, TOP_ROWS, reading.signal)))
  if (reading.signal.aborted) return
  topsHost.removeAttribute('aria-busy')
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed !== undefined && answers.every(({ status }) => status === 'rejected')) {
    topsHost.replaceChildren(failure(failed.reason as Error, () => void loadTops()))
    return
  }
  const reports = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : (answer.reason as Error)))
  const read = reports.find((report): report is TopReport => !(report instanceof Error))
  if (read !== undefined) showFreshness(read.meta)
  topsHost.replaceChildren(...topLists(reports, readAddress(location.hash)))
}

/** The lists stand; only which row is shown above, and where each row leads, has changed. */
function markCurrent(subject: Subject | undefined): void {
  const address = readAddress(location.hash)
  for (const row of topsHost.querySelectorAll<HTMLAnchorElement>('a.top-row')) {
    const here = subject?.kind === address.top && subject.id === row.dataset['id']
    if (here) row.setAttribute('aria-current', 'true')
    else row.removeAttribute('aria-current')
  }
  for (const link of topsHost.querySelectorAll<HTMLAnchorElement>('a[data-top]')) {
    link.href = addressHash({ ...address, top: link.dataset['top'] as typeof address.top })
  }
}

/** How fresh and how complete the numbers are: beside every number shown. */
function showFreshness(meta: ReportMeta): void {
  const as_of_ms = meta.as_of === null ? Number.NaN : new Date(meta.as_of).getTime()
  const days = `${meta.days_published} of ${meta.days_expected} ${meta.days_expected === 1 ? 'day' : 'days'} published`
  freshness.classList.toggle('is-complete', meta.complete)
  freshness.replaceChildren(
    element('span', {}, Number.isNaN(as_of_ms) ? 'Nothing is published yet' : `As of ${instantText(as_of_ms)}`),
    element('strong', {}, meta.complete ? '✓ complete' : '! incomplete'),
    element('span', {}, days),
  )
}

function failure(error: Error, retry: () => void): HTMLElement {
  return element(
    'section',
    { class: 'card failure', role: 'alert' },
    element('h2', {}, 'This report cannot be shown'),
    element('p', {}, error.message),
    element('button', { type: 'button', onclick: retry }, 'Try again'),
  )
}
