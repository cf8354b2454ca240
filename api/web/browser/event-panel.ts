/** The panel of last events: what was sent, what the server answered, how long it took, and a way to send it again. */
import { element } from './element.ts'
import { latencyText } from './number-text.ts'
import type { Answer, Outbox, Sent } from './outbox.ts'

const KIND_NAMES: Record<Sent['event']['event'], string> = {
  login: 'login',
  search: 'search',
  play: 'play',
  pause: 'pause',
  resume: 'resume',
  skip: 'skip',
  tup: 'thumbs up',
  tdn: 'thumbs down',
  rate: 'rate',
  comment: 'comment',
  tag: 'tag',
  exit: 'exit',
}

/** Fills `panel`; the function it gives redraws the list. Rows that did not change stay, so focus and open rows stay too. */
export function eventPanel(panel: HTMLElement, outbox: () => Outbox): (entries: readonly Sent[]) => void {
  const summary = element('p', { class: 'muted small', role: 'status' })
  const list = element('ol', { class: 'event-list' })
  panel.append(
    element('div', { class: 'card-head' }, element('h2', { id: 'events-title' }, 'Last events'), summary),
    element(
      'p',
      { class: 'muted small' },
      'Send one again: it keeps its id, so the server answers “duplicate” and counts it once.',
    ),
    list,
  )
  const rows = new Map<string, { version: string; row: HTMLLIElement }>()
  return (entries) => {
    panel.hidden = entries.length === 0
    summary.textContent = summaryText(entries)
    const present = new Set<string>()
    for (const [at, entry] of entries.entries()) {
      const { eid } = entry.event
      present.add(eid)
      const version = `${entry.stage} ${JSON.stringify(entry.answers)}`
      let known = rows.get(eid)
      if (known === undefined) {
        known = { version, row: eventRow(entry, () => outbox().resend(eid)) }
        rows.set(eid, known)
      } else if (known.version !== version) {
        updateRow(known.row, entry)
        known.version = version
      }
      if (list.children[at] !== known.row) list.insertBefore(known.row, list.children[at] ?? null)
    }
    for (const [eid, { row }] of rows) {
      if (present.has(eid)) continue
      row.remove()
      rows.delete(eid)
    }
  }
}

/** `12 accepted, 1 duplicate, 2 on the way` */
export function summaryText(entries: readonly Sent[]): string {
  const counts = new Map<string, number>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  for (const { answers, stage } of entries) {
    for (const { state } of answers) if (state !== 'unknown') count(state)
    if (stage !== 'settled') count('on the way')
  }
  return ['accepted', 'duplicate', 'refused', 'on the way']
    .filter((what) => counts.has(what))
    .map((what) => `${counts.get(what)} ${what}`)
    .join(', ')
}

function eventRow(entry: Sent, resend: () => void): HTMLLIElement {
  const { event, label } = entry
  const time = new Date(event.ts).toISOString()
  const row = element(
    'li',
    { class: 'event', 'data-eid': event.eid, 'data-kind': event.event },
    element(
      'div',
      { class: 'event-line' },
      element('span', { class: 'event-kind' }, KIND_NAMES[event.event]),
      element('span', { class: 'event-label', title: label }, label),
      element('button', { type: 'button', class: 'quiet small', onclick: resend }, 'Send again'),
    ),
    element('div', { class: 'answers' }),
    element(
      'details',
      { class: 'event-json' },
      element(
        'summary',
        {},
        element('time', { datetime: time }, `${time.slice(11, 19)} UTC`),
        element('code', {}, `${event.eid.slice(0, 8)}…`),
      ),
      element('pre', {}, JSON.stringify(event, null, 2)),
    ),
  )
  updateRow(row, entry)
  return row
}

function updateRow(row: HTMLLIElement, { event, answers, stage }: Sent): void {
  const badges = answers.map(answerBadge)
  if (stage === 'sending') badges.push(element('span', { class: 'badge' }, 'sending…'))
  if (stage === 'waiting') badges.push(element('span', { class: 'badge' }, 'kept, to be sent'))
  row.querySelector('.answers')!.replaceChildren(...badges)
  const button = row.querySelector('button')!
  // Kept focusable while the event is under way: a disabled button would throw keyboard users out of the list.
  button.setAttribute('aria-disabled', String(stage !== 'settled'))
  button.setAttribute('aria-label', `Send ${KIND_NAMES[event.event]} again with the same id`)
}

function answerBadge(answer: Answer): HTMLElement {
  switch (answer.state) {
    case 'accepted':
      return element('span', { class: 'badge badge-good' }, `✓ accepted · ${latencyText(answer.latency_ms)}`)
    case 'duplicate':
      return element('span', { class: 'badge badge-same' }, `= duplicate · ${latencyText(answer.latency_ms)}`)
    case 'refused':
      return element(
        'span',
        { class: 'badge badge-bad' },
        `✕ refused · ${latencyText(answer.latency_ms)} · ${answer.problem}`,
      )
    case 'unknown':
      return element(
        'span',
        { class: 'badge badge-warn' },
        `! no answer${answer.tries > 1 ? ` × ${answer.tries}` : ''} · ${answer.problem}`,
      )
  }
}
