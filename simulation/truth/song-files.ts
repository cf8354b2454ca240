/** The truth about songs: how interest in them rises and declines. */
import { songs } from '../../datasets/catalogue.ts'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { ARCHETYPES } from '../kernel/archetype.ts'
import { fingerprintOf } from '../kernel/skip-law.ts'
import { interest, interestParts } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { songLives } from './song-life.ts'
import type { TruthFile } from './truth-file.ts'

const INTEREST_LAW =
  'Interest in song s on day d is a closed form: base(s) · level(s, d) · (1 + Σ shocks). The level is 0 before the ' +
  'release, and then the sum of the song’s waves, each height · (1 − e^(−(a + 1)/climb)) · [(1 − w) · e^(−a/talk) + ' +
  'w · e^(−a/memory)], a days after its onset (Candia et al., Nature Human Behaviour 2019), times the season for seasonal ' +
  'songs. Plays chosen by exploring are proportional to interest × the listener’s taste. The function is ' +
  '`interest(world, song, day)` of `simulation/kernel/song-interest.ts`, which finds any song and day in O(1).'

export const SONG_FILE: TruthFile = {
  name: 'songs.csv',
  row: 'a song',
  law:
    `${INTEREST_LAW} Peak and half-life are those of interest within the history, shocks included; the career’s are ` +
    'those of the waves alone, whenever. The skip fingerprint multiplies the hazards of `hazards.json` (Donier 2020).',
  columns: {
    song: 'index in the catalogue, from 0',
    track_id: 'id in events and reports',
    artist_id: '',
    genre: '',
    year: 'of release as published; 0 = unknown',
    peak_day: 'day of highest interest within the history; empty when the song is not out by its end',
    peak_interest: 'interest on that day',
    mean_interest: 'mean interest of the history’s days',
    half_life_days:
      'days from the peak to the first day of at most half its interest; empty when the history ends before',
    archetype: `kind of career: ${ARCHETYPES.join(', ')}`,
    release_day: '',
    base: 'share of all interest if every song stood at its peak',
    climb_days: 'of the first wave; 0 when it starts at its peak',
    talk_days: 'of the first wave',
    memory_days: 'of the first wave',
    memory_share: 'w of the first wave',
    second_wave_day: 'onset of the second wave; empty when there is none',
    career_peak_day: 'day of the highest level ever, seasons and shocks apart',
    career_half_life_days: 'from that day until the level is at most half; empty when that never happens',
    skip_opening: 'multiplies the skip hazard of the first 5 s',
    skip_verse: 'multiplies that of the next 25 s',
    skip_rest: 'multiplies that of the rest',
    skip_spot_at: 'place of the spot at which many leave, as a share of the duration',
    skip_spot: 'summed hazard of the spot’s six seconds',
    quality: 'how likely the song is to be liked, −1 … 1',
  },
  *rows({ world, firstDay, lastDay }, signal) {
    const lives = songLives(world, { firstDay, lastDay }, signal)
    let song = 0
    for (const { track_id, artist_id, genre, year } of songs(catalogueOf(world))) {
      const { peak, peakInterest, meanInterest, halfLife_days } = lives[song]!
      yield [
        ...[song, track_id, artist_id, genre, year, peakInterest > 0 ? addDays(firstDay, peak) : undefined],
        ...[peakInterest, meanInterest, halfLife_days],
        ...careerOf(world, song),
        ...fingerprintCells(world, song),
      ]
      song++
    }
  },
}

function careerOf(world: World, song: number): readonly (string | number | undefined)[] {
  const { archetype, release, base, waves, peak, halfLife_days } = interestParts(world, song)
  const { climb_days, talk_days, memory_days, memoryShare } = waves[0]!
  const everHalved = Number.isFinite(halfLife_days) ? halfLife_days : undefined
  return [
    ...[archetype, release, base, climb_days, talk_days, memory_days, memoryShare],
    ...[waves[1]?.onset, peak, everHalved],
  ]
}

function fingerprintCells({ key, knobs }: World, song: number): number[] {
  const { opening, verse, rest, spotAt, spot, quality } = fingerprintOf(key, song, knobs.fingerprint)
  return [opening, verse, rest, spotAt, spot, quality]
}

/** Interest day by day, of the songs that are heard most: all songs and days would be far larger than the events. */
export const INTEREST_FILE: TruthFile = {
  name: 'interest.csv.gz',
  row: 'a song and a day, for the 500 songs of highest mean interest',
  law: INTEREST_LAW,
  columns: { song: 'index in the catalogue', track_id: '', day: 'local day', interest: 'relative, without unit' },
  *rows({ world, firstDay, lastDay }, signal) {
    const lives = songLives(world, { firstDay, lastDay }, signal)
    const top = lives.sort((a, b) => b.meanInterest - a.meanInterest || a.song - b.song).slice(0, INTEREST_SONGS)
    const days = daysBetween(firstDay, lastDay)
    for (const { song } of top) {
      signal?.throwIfAborted()
      const { track_id } = songbookOf(world).song(song)
      for (const day of days) yield [song, track_id, day, interest(world, song, day)]
    }
  },
}

const INTEREST_SONGS = 500
