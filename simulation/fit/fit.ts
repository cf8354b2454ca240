/**
 * Fit mode: an own log in, the knobs of a world that is like it out, how well each parameter fits, and a scenario for a
 * synthetic twin of the log. The twin is drawn from a seed and from a dozen numbers; no row of the log goes into it, and
 * a check of every session holds it to that.
 */
import { addDays, dayOf } from '../../datasets/day.ts'
import { EVENT_KINDS, type EventKind } from '../../datasets/event-kind.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Knobs } from '../kernel/knobs.ts'
import { PUBLISHED_KNOBS } from '../kernel/knobs.ts'
import { knobsJson } from '../scenario/knob-fields.ts'
import { checkScenario, type Scenario } from '../scenario/scenario.ts'
import { worldOf } from '../scenario/world-of.ts'
import { DIALS, Turning } from './dial.ts'
import { type GoodnessRow, goodnessOf } from './goodness.ts'
import { type Moments, momentsOf } from './moments.ts'
import { type CopyCheck, checkCopies, SessionPrints } from './nearest-record.ts'
import { observeWorld } from './observe-world.ts'
import { Observer } from './observer.ts'

/** What a log must tell of an event; a listener's events come in order of time. */
export interface LoggedEvent {
  ts: number
  uid: string
  session: string
  event: EventKind
  songid?: string | undefined
  position_ms?: number | undefined
}

export interface FitOptions {
  /** Songs in the log's catalogue; the number of songs seen, corrected by simulation, unless given. */
  catalogue?: { songs: number }
  /** Seed of the synthetic twin; equal logs get equal seeds unless given. */
  seed?: string
  /** Simulated worlds on the way. */
  rounds?: number
  /** Simulated listeners at least: more of them make the estimates of small logs steadier. */
  users_min?: number
  onRound?: (round: number) => void
  signal?: AbortSignal
}

export interface Fit {
  /** Events read, and what they say. */
  events: number
  log: Moments
  twin: Moments
  /** The estimates; a knob that the log says nothing about is null and has its published strength in the scenario. */
  knobs: Partial<Record<keyof Knobs, number | null>>
  estimates: {
    users: number
    songs: number
    sessions_per_day: number
    /** Deviation of the logarithm of listeners' rates. */
    activity_sigma: number
  }
  goodness: GoodnessRow[]
  copies: CopyCheck
  scenario: Scenario
}

/** Total deviation of the logarithm of activity at the published spread (Last.fm's listeners). */
const ACTIVITY_SIGMA = 1.11
const ROUNDS = 6

/** @throws MusicboxError `input.invalid` when the log has too little to fit anything: no two days, or no plays */
export async function fit(events: AsyncIterable<LoggedEvent>, options: FitOptions = {}): Promise<Fit> {
  const { observer, prints } = await observeLog(events, options.signal)
  const log = momentsOf(observer)
  if (observer.plays < 100 || log.users < 2) {
    throw new MusicboxError(
      'input.invalid',
      `expected a log of at least 100 plays of songs by 2 listeners, got ${observer.plays} by ${log.users}`,
      'a log holds JSON lines of events with ts, uid, session, event and songid',
    )
  }
  const turnings = DIALS.map((dial) => new Turning(dial, log))
  let songs = options.catalogue?.songs ?? log.songs
  let users = log.users
  const seed = options.seed ?? `fitted ${prints.digest()}`
  const draft = (of: { users: number; seed: string }): Scenario =>
    scenarioOf(observer.firstStart_ms, log.days, of.users, songs, of.seed, turnings)
  const rounds = options.rounds ?? ROUNDS
  for (let round = 1; round <= rounds; round++) {
    options.signal?.throwIfAborted()
    const crowd = Math.max(users, options.users_min ?? 1_000)
    const { all, part } = observeWorld(worldOf(draft({ users: crowd, seed: `reference of ${seed}` })), users)
    const [ofAll, ofPart] = [momentsOf(all), momentsOf(part)]
    // Shares of songs depend on how many plays there are, so they come from as many listeners as the log has.
    const { top_tenth_share, songs: songsSeen } = ofPart
    for (const turning of turnings) turning.turn({ ...ofAll, top_tenth_share }, round)
    users = Math.max(1, Math.round((log.users / ofAll.users) * crowd))
    if (options.catalogue === undefined) {
      songs = Math.max(log.songs, Math.min(10_000_000, Math.round((songs * log.songs) / Math.max(1, songsSeen))))
    }
    options.onRound?.(round)
  }
  for (const turning of turnings) turning.settle()
  const scenario = draft({ users, seed })
  const { all } = observeWorld(worldOf(scenario), users)
  const twin = momentsOf(all)
  return {
    events: observer.events,
    log,
    twin,
    knobs: Object.fromEntries(turnings.map(({ dial, value, isSeen }) => [dial.knob, isSeen ? value : null])),
    estimates: {
      users,
      songs,
      sessions_per_day: knobIn(turnings, 'sessionsPerDay'),
      activity_sigma: ACTIVITY_SIGMA * knobIn(turnings, 'activitySpread'),
    },
    goodness: goodnessOf(log, twin, observer, all),
    copies: checkCopies(prints, worldOf(scenario)),
    scenario,
  }
}

async function observeLog(
  events: AsyncIterable<LoggedEvent>,
  signal: AbortSignal | undefined,
): Promise<{ observer: Observer; prints: SessionPrints }> {
  const observer = new Observer()
  const prints = new SessionPrints()
  const users = new Map<string, number>()
  const songs = new Map<string, number>()
  const sessions = new Map<string, number>()
  let sessionCount = 0
  for await (const { ts, uid, session, event, songid, position_ms } of events) {
    signal?.throwIfAborted()
    if (!EVENT_KINDS.includes(event)) continue
    prints.add({ ts, uid, session, event, songid })
    let number = sessions.get(session)
    if (number === undefined) {
      number = sessionCount++
      sessions.set(session, number)
    }
    if (event === 'exit') sessions.delete(session)
    observer.add({
      user: numberOf(users, uid),
      session: number,
      ts,
      kind: event,
      song: songid === undefined ? -1 : numberOf(songs, songid),
      position_ms: position_ms ?? -1,
    })
  }
  return { observer: observer.finish(), prints: prints.finish() }
}

function numberOf(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, numbers.size)
  return numbers.size - 1
}

function scenarioOf(
  start_ms: number,
  days: number,
  users: number,
  songs: number,
  seed: string,
  turnings: readonly Turning[],
): Scenario {
  const first_day = dayOf(start_ms)
  // A log does not tell who has not come yet: its users are taken to be there from its first day.
  const knobs = { ...PUBLISHED_KNOBS, growthPerYear: 0 }
  for (const { dial, value } of turnings) knobs[dial.knob] = Number(value.toPrecision(4))
  const given = {
    name: 'fitted',
    description: `Fitted to a log of ${days} days from ${first_day} on.`,
    seed,
    songs,
    users,
    first_day,
    days,
    last_year: Number(addDays(first_day, days - 1).slice(0, 4)),
    knobs: knobsJson(knobs),
  }
  return checkScenario(given, 'the fitted scenario')
}

function knobIn(turnings: readonly Turning[], knob: keyof Knobs): number {
  return turnings.find(({ dial }) => dial.knob === knob)!.value
}
