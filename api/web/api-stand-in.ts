/**
 * A stand-in for the two JSON APIs, for the pages' own tests: small, in memory, and strict about what the pages send.
 * The servers' behaviour is proved in their own folders; here it only has to be the documented one.
 */
import { Hono } from 'hono'
import { addDays, type Day, daysBetween } from '../../datasets/day.ts'
import { type WireEvent, wireEventSchema } from '../../datasets/event.ts'
import { PERIODS, type Period, periodDays } from '../../datasets/period.ts'
import type { Measures } from '../../datasets/tables.ts'

const LAST_DAY: Day = '2026-10-31'
const FIRST_DAY: Day = addDays(LAST_DAY, -89)
/** Two days in the middle that the night job has not published. */
const UNPUBLISHED = new Set([addDays(LAST_DAY, -9), addDays(LAST_DAY, -8)])

const TITLES = [
  'Harbour Lanterns',
  'Slow Orbit',
  'Paper Tigers',
  'The Long Way to Elm Street and Back Again Before the Rain',
  'Ash & Amber',
  'Night Ferry',
  '<b>Not Bold</b>',
  'Guero Canelo',
  'Meridian',
  'Copper Wire',
  'Öland',
  'Half a Mile',
]
const ARTISTS = ['The Velvet Cartographers', 'Mira Solano', 'Ninth Parallel', 'Otto & the Tides']

export const SONGS = TITLES.map((title, at) => ({
  track_id: `TRABCDE${String(at).padStart(11, '0')}`,
  song_id: `SOABCDE${String(at).padStart(11, '0')}`,
  title,
  artist_id: artistId(at % ARTISTS.length),
  artist_name: ARTISTS[at % ARTISTS.length]!,
  album_id: `ALABCDE${String(at % 2).padStart(11, '0')}`,
  release: ['First Light', 'Tidewater'][at % 2]!,
  genre: 'dream pop',
  year: at === 3 ? 0 : 1990 + at,
  duration_ms: at === 1 ? 1_500 : 180_000 + 7_000 * at,
}))

/** One of many songs of like name, for searches of several pages. */
function numbered(at: number): (typeof SONGS)[number] {
  return { ...SONGS[0]!, track_id: `TRMANYX${String(at).padStart(11, '0')}`, title: `Many ${at}` }
}

function artistId(at: number): string {
  return `ARABCDE${String(at).padStart(11, '0')}`
}

const artists = ARTISTS.map((artist_name, at) => ({
  artist_id: artistId(at),
  artist_name,
  familiarity: 0.5,
  hotttnesss: 0.5,
  latitude: 59.3,
  longitude: 18.1,
  location: 'Port Ellery',
  terms: [
    { term: 'dream pop', weight: 1 },
    { term: 'shoegaze', weight: 0.6 },
  ],
  similar: [artistId((at + 1) % ARTISTS.length)],
}))

export interface StandIn {
  app: Hono
  /** Every event that was kept, in the order it came, each `eid` once. */
  readonly kept: WireEvent[]
  /** While set, events get a 503. */
  down: boolean
  /** While set, every token is refused, until the next login. */
  tokensVoid: boolean
}

export function standIn(): StandIn {
  const app = new Hono()
  const self: StandIn = { app, kept: [], down: false, tokensVoid: false }
  const starts = (name: string, query: string): boolean =>
    name
      .toLowerCase()
      .split(' ')
      .some((_, at, words) => words.slice(at).join(' ').startsWith(query.toLowerCase()))

  app.get('/v1/search/songs', (c) => {
    const { q = '', limit = '20', after = '0' } = c.req.query()
    const all = q === 'many' ? Array.from({ length: 45 }, (_, at) => numbered(at)) : SONGS
    const found = all.filter(({ title }) => q === 'many' || starts(title, q))
    const end = Number(after) + Number(limit)
    return c.json({ results: found.slice(Number(after), end), next: end < found.length ? String(end) : null })
  })
  app.get('/v1/search/artists', (c) => {
    const { q = '', limit = '20' } = c.req.query()
    return c.json({ results: artists.filter(({ artist_name }) => starts(artist_name, q)).slice(0, Number(limit)) })
  })
  app.get('/v1/songs/:id', (c) => {
    const song = SONGS.find(({ track_id }) => track_id === c.req.param('id'))
    return song ? c.json(song) : problem(404, 'There is no such song.')
  })
  app.get('/v1/artists/:id', (c) => {
    const artist = artists.find(({ artist_id }) => artist_id === c.req.param('id'))
    return artist ? c.json(artist) : problem(404, 'There is no such artist.')
  })
  eventRoutes(app, self)
  reportRoutes(app)
  return self
}

function eventRoutes(app: Hono, self: StandIn): void {
  const seen = new Set<string>()
  app.post('/v1/login', async (c) => {
    const { uid } = (await c.req.json()) as { uid: string }
    if (uid.startsWith('nobody')) return problem(404, `There is no listener "${uid}".`)
    self.tokensVoid = false
    const user = uid.startsWith('Guest_') ? { uid, fname: '', lname: '' } : { uid, fname: 'Ada', lname: 'Quill' }
    return c.json({ token: `token-of-${uid}`, expires_ms: Date.now() + 3_600_000, user })
  })
  app.post('/v1/events', async (c) => {
    if (self.down) return problem(503, 'The event log does not answer.')
    if (self.tokensVoid || !c.req.header('authorization')?.startsWith('Bearer token-of-')) {
      return problem(401, 'The token is not valid.')
    }
    const body: unknown = await c.req.json()
    const results = (Array.isArray(body) ? body : [body]).map((one: unknown, index) => {
      const parsed = wireEventSchema.safeParse(one)
      if (!parsed.success) return { index, state: 'refused', problem: parsed.error.issues[0]!.message }
      const event = parsed.data
      if (event.event === 'comment' && event.text === 'refuse me') {
        return { index, eid: event.eid, state: 'refused', problem: { detail: 'Expected a kinder comment.' } }
      }
      if (seen.has(event.eid)) return { index, eid: event.eid, state: 'duplicate' }
      seen.add(event.eid)
      self.kept.push(event)
      return { index, eid: event.eid, state: 'accepted' }
    })
    const refused = results.filter(({ state }) => state === 'refused').length
    if (refused === results.length) return problem(400, 'No event was accepted.', { results })
    return c.json({ accepted: 1, duplicates: 0, refused, results }, 202)
  })
}

function reportRoutes(app: Hono): void {
  app.get('/v1/reports/days', (c) => {
    const days = daysBetween(FIRST_DAY, LAST_DAY).filter((day) => !UNPUBLISHED.has(day))
    const publications = days.map((day) => ({ scope: day, complete: true, events: 30 * measures(day, 0).plays }))
    return c.json({
      first: FIRST_DAY,
      last: LAST_DAY,
      publications: [...publications, { scope: 'periods', events: 0 }],
    })
  })
  app.get('/v1/reports/top/:kind', (c) => {
    const { by = 'plays', period = 'total', limit = '10' } = c.req.query()
    const kind = c.req.param('kind')
    const subjects =
      kind === 'songs'
        ? SONGS.map(({ track_id, title, artist_name }) => ({ id: track_id, name: title, artist_name }))
        : kind === 'artists'
          ? artists.map(({ artist_id, artist_name }) => ({ id: artist_id, name: artist_name }))
          : []
    const rows = subjects
      .map((subject, at) => {
        const value = Math.round((by === 'falling' ? 300 : 4_200) / (at + 1))
        const previous = by === 'rising' ? (at === 1 ? 0 : Math.round(value / 1.7)) : Math.round(value * (0.8 + at / 6))
        return { rank: at + 1, ...subject, value, previous, change: value - previous }
      })
      .slice(0, Number(limit))
    return c.json({ kind, by, rows: period === 'today' ? [] : rows, meta: meta(period as Period) })
  })
  app.get('/v1/reports/:kind/:id', (c) => {
    const { kind, id } = c.req.param()
    const period = PERIODS.find((one) => one === (c.req.query('period') ?? 'total'))
    if (period === undefined) return problem(400, 'Expected period to be one of those listed.')
    const at = Number(id.slice(-2))
    if (Number.isNaN(at)) return problem(404, `There is no such ${kind.slice(0, -1)}: "${id}".`)
    const { first, last } = periodDays(period, LAST_DAY, FIRST_DAY)
    const series = daysBetween(first, last).map((day) =>
      UNPUBLISHED.has(day) || day > LAST_DAY || day < FIRST_DAY
        ? { day, published: false }
        : { day, published: true, ...measures(day, at) },
    )
    const sum = (name: keyof Measures): number =>
      series.reduce((total, one) => total + ('plays' in one ? one[name] : 0), 0)
    const names = [
      'plays',
      'skips',
      'tup',
      'tdn',
      'pauses',
      'resumes',
      'ratings',
      'stars_sum',
      'comments',
      'tags',
    ] as const
    const totals = {
      ...Object.fromEntries(names.map((name) => [name, sum(name)])),
      listeners: Math.ceil(sum('plays') / 3),
    }
    const song = SONGS.find(({ track_id }) => track_id === id)
    const name = song?.title ?? artists.find(({ artist_id }) => artist_id === id)?.artist_name ?? ''
    return c.json({
      id,
      kind,
      name,
      ...(song && { artist_name: song.artist_name }),
      known: name !== '',
      totals,
      series,
      meta: meta(period),
    })
  })
}

/** A rise to a peak on the 40th day, then a decline, with weekends above it. */
function measures(day: Day, at: number): Measures {
  const age = daysBetween(FIRST_DAY, day).length
  const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()) ? 1.2 : 1
  const interest = age < 40 ? age / 40 : 1 / (1 + (age - 40) / 30)
  const plays = Math.round(((400 - 20 * at) * interest + ((age * 37) % 11)) * weekend)
  const part = (share: number): number => Math.round(plays * share)
  return {
    plays,
    listeners: part(0.8),
    skips: part(0.1),
    tup: part(0.08),
    tdn: part(0.03),
    pauses: part(0.05),
    resumes: part(0.05),
    ratings: part(0.04),
    stars_sum: part(0.04) * 7,
    comments: part(0.01),
    tags: part(0.02),
  }
}

function meta(period: Period): object {
  const { first, last } = periodDays(period, LAST_DAY, FIRST_DAY)
  const days = daysBetween(first, last)
  const published = days.filter((day) => !UNPUBLISHED.has(day) && day <= LAST_DAY && day >= FIRST_DAY)
  return {
    period,
    from: first,
    to: last,
    timezone: 'UTC',
    as_of: '2026-11-01T03:20:00.000Z',
    complete: published.length === days.length,
    days_published: published.length,
    days_expected: days.length,
  }
}

function problem(status: number, detail: string, members: object = {}): Response {
  return new Response(JSON.stringify({ type: '/docs', title: 'Problem', status, detail, ...members }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
