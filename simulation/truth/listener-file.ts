/** The truth about listeners: every trait that decides what they do. */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import type { Day } from '../../datasets/day.ts'
import { dayOfNumber } from '../kernel/day-number.ts'
import { CHRONOTYPES } from '../kernel/hour-of-week.ts'
import { DEVICES, type Listener, listenerAt, NEVER } from '../kernel/listener.ts'
import { perObject } from '../kernel/per-object.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import type { TruthFile } from './truth-file.ts'

export const LISTENER_FILE: TruthFile = {
  name: 'listeners.csv',
  row: 'a listener',
  law:
    'Activity is lognormal with σ = 1.11 times the knob `activitySpread` (Last.fm’s plays per user, konect.cc). ' +
    'Sessions are Poisson with the rate `sessions_per_day` times the hour-of-week curve of the chronotype (Park et al. ' +
    '2019). Songs known after M plays: discovery · M^discovery_exponent (Heaps’ law). Chance of leaving a day: ' +
    '`churnPerYear`/365.25.',
  columns: {
    user: 'index, from 0',
    uid: 'id in events',
    zip: 'home, five digits as text',
    gender: '',
    age_years: 'on the first day',
    device: 'that this listener mostly plays on',
    active: '1, or 0 for a dormant account that never listens',
    join_day: 'first day on which they may listen',
    leave_day: 'first day on which they listen no more; empty for those who stay',
    sessions_per_day: 'expected on an average day',
    chronotype: `rhythm of the day: ${CHRONOTYPES.join(', ')}`,
    segment: 'the two clusters in one: chronotype, and the genre that most of their exploring leads to',
    skip_factor: 'multiplies the skip hazard; mean 1',
    react_factor: 'multiplies the odds of thumbs, ratings, comments and tags; mean 1',
    like_share: 'share of opinions that are good ones',
    search_factor: 'multiplies the odds of a search; mean 1',
    discovery: 'of Heaps’ law',
    discovery_exponent: 'of Heaps’ law',
    ...Object.fromEntries(GENRES.map(({ term }) => [tasteColumn(term), `liking of ${term}: multiplies interest`])),
  },
  *rows({ world }) {
    for (let user = 0; user < world.userCount; user++) {
      const of = listenerAt(world, user)
      yield [
        ...[user, of.uid, of.home.zip, of.gender, of.age_years, DEVICES[of.device], of.active ? 1 : 0],
        ...[dayOfNumber(of.joinDay), leaveDayOf(of), of.sessions_per_day, CHRONOTYPES[of.chronotype]],
        `${CHRONOTYPES[of.chronotype]}:${favouriteGenreOf(world, of)}`,
        ...[of.skipFactor, of.reactFactor, of.likeShare, of.searchFactor, of.discovery, of.discoveryExponent],
        ...of.taste,
      ]
    }
  },
}

/** Undefined for those who stay. */
export function leaveDayOf({ leaveDay }: Listener): Day | undefined {
  // Leaving days are drawn for ever; what lies beyond the calendar of texts is as good as staying.
  return leaveDay === NEVER || leaveDay > DAY_MAX ? undefined : dayOfNumber(leaveDay)
}

/** 9999-12-31. */
const DAY_MAX = 2_932_896

/** The genre that most of a listener's exploring leads to: the highest taste × share of all interest. */
export function favouriteGenreOf(world: World, { taste }: Listener): string {
  const shares = genreShares(world)
  let best = 0
  for (let genre = 1; genre < taste.length; genre++) {
    if (taste[genre]! * shares[genre]! > taste[best]! * shares[best]!) best = genre
  }
  return GENRES[best]!.term
}

/** Each genre's share of all interest if every song stood at its peak. */
const genreShares = perObject((world: World): Float64Array => {
  const { genre, base } = songbookOf(world)
  const shares = new Float64Array(GENRES.length)
  for (let song = 0; song < base.length; song++) shares[genre[song]!]! += base[song]!
  return shares
})

function tasteColumn(term: string): string {
  return `taste_${term.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`
}
