/** The listener page: wires the panels to one another. What is worth testing alone lives in the files it imports. */
import type { WireEvent } from '../../../datasets/event.ts'
import type { FoundSong } from './catalogue-search.ts'
import { byId, element } from './element.ts'
import { eventPanel } from './event-panel.ts'
import { postEvents } from './event-post.ts'
import { createOutbox, type Kept, type Outbox, type Sent } from './outbox.ts'
import { playerPanel } from './player-panel.ts'
import { randomHex } from './random-hex.ts'
import { searchPanel } from './search-panel.ts'
import { guestId, keepSession, keptSession, renewToken, type Session, signIn, tokenOf } from './session.ts'
import { recall, remember } from './tab-memory.ts'

const UNSETTLED_KEY = 'musicbox.unsettled'

let session: Session | undefined = keptSession()
let unsettled = 0

const offline = byId('offline', HTMLElement)
const offlineText = element('span')
offline.append(offlineText, element('button', { type: 'button', onclick: () => outbox.retryNow() }, 'Try now'))
const showEvents = eventPanel(byId('events', HTMLElement), () => outbox)
const outbox: Outbox = createOutbox(
  {
    post: (events) => {
      const { uid } = events[0]!
      return postEvents(events, tokenOf(uid), () => renewToken(uid))
    },
    now_ms: () => performance.now(),
    wait: pauseFor,
    keep: (kept) => {
      unsettled = kept.length
      remember(UNSETTLED_KEY, kept)
    },
    changed: (entries, retryIn_ms) => {
      showEvents(entries)
      showOffline(entries, retryIn_ms)
    },
  },
  recall<readonly Kept[]>(UNSETTLED_KEY, []),
)

const search = searchPanel({
  submitted: (query) => send({ event: 'search', query }, `“${query}”`),
  play: (song, queue) => {
    player.play(song, queue)
    byId('player', HTMLElement).scrollIntoView({ block: 'nearest' })
  },
})
const player = playerPanel(byId('player', HTMLElement), {
  now_ms: () => performance.now(),
  acted: (act, song: FoundSong, position_ms) => {
    const detail = act.event === 'rate' ? `${act.stars} of 10` : act.event === 'tag' ? act.tags.join(', ') : undefined
    send(
      { ...act, songid: song.track_id, position_ms },
      detail === undefined ? song.title : `${song.title} · ${detail}`,
    )
  },
  playing: (song) => search.playing(song?.track_id),
})

byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void enter(byId('uid', HTMLInputElement).value.trim())
})
byId('guest', HTMLButtonElement).addEventListener('click', () => void enter(guestId()))
byId('exit', HTMLButtonElement).addEventListener('click', leave)
addEventListener('online', () => outbox.retryNow())
addEventListener('beforeunload', (event) => {
  // A reload keeps unsettled events, a closed tab would not.
  if (unsettled > 0) event.preventDefault()
})
show()

/** Events of one kind, without what {@link send} adds to each. */
type Act = WireEvent extends infer E ? (E extends WireEvent ? Omit<E, 'eid' | 'ts' | 'uid' | 'session'> : never) : never

function send(act: Act, label: string): void {
  if (session === undefined) return
  const { uid, session: visit } = session
  outbox.send({ eid: randomHex(32), ts: Date.now(), uid, session: visit, ...act } as WireEvent, label)
}

async function enter(uid: string): Promise<void> {
  const problem = byId('sign-in-problem', HTMLElement)
  const card = byId('sign-in', HTMLElement)
  if (uid === '' || card.hasAttribute('aria-busy')) return
  problem.hidden = true
  card.setAttribute('aria-busy', 'true')
  try {
    session = await signIn(uid)
    send({ event: 'login' }, session.name)
    show()
    search.focus()
  } catch (error) {
    problem.textContent = (error as Error).message
    problem.hidden = false
  } finally {
    card.removeAttribute('aria-busy')
  }
}

function leave(): void {
  const was = player.stop()
  send({ event: 'exit', ...(was && { songid: was.song.track_id, position_ms: was.position_ms }) }, session?.name ?? '')
  session = undefined
  keepSession(undefined)
  search.clear()
  show()
  byId('uid', HTMLInputElement).focus()
}

function show(): void {
  const inside = session !== undefined
  byId('sign-in', HTMLElement).hidden = inside
  byId('player', HTMLElement).hidden = !inside
  byId('search', HTMLElement).hidden = !inside
  byId('who', HTMLElement).hidden = !inside
  byId('who-name', HTMLElement).textContent = session?.name ?? ''
  byId('columns', HTMLElement).classList.toggle('is-inside', inside)
}

function showOffline(entries: readonly Sent[], retryIn_ms: number | undefined): void {
  const waiting = entries.filter(({ stage }) => stage !== 'settled')
  const troubled = waiting.map(({ answers }) => answers.at(-1)).find((answer) => answer?.state === 'unknown')
  offline.hidden = troubled === undefined
  if (troubled?.state !== 'unknown') return
  const events = waiting.length === 1 ? '1 event is kept' : `${waiting.length} events are kept`
  const when = retryIn_ms === undefined ? 'Trying again now…' : `Next try in ${Math.ceil(retryIn_ms / 1000)} s.`
  offlineText.textContent = `${troubled.problem} ${events} and will be sent with the same id. ${when}`
}

function pauseFor(delay_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delay_ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
