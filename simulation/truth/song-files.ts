/** The truth about songs: how interest in them rises and declines. */
import { songs } from '../../datasets/catalogue.ts'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { interest } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { catalogueOf } from '../kernel/world.ts'
import { songLives } from './song-life.ts'
import type { TruthFile } from './truth-file.ts'

const INTEREST_LAW =
  'Interest in song s on day d is a closed form: a standing share times a wave that rises and then declines ' +
  'bi-exponentially, talk within weeks and memory over 5.6 years (Candia et al., Nature Human Behaviour 2019), times ' +
  'the shocks of `shocks.json`. Plays chosen by exploring are proportional to interest × the listener’s taste. The ' +
  'function is `interest(world, song, day)` of `simulation/kernel/song-interest.ts`, which finds any song and day in O(1).'

export const SONG_FILE: TruthFile = {
  name: 'songs.csv',
  row: 'a song',
  law: `${INTEREST_LAW} Peak and half-life are those of interest within the history, shocks included.`,
  columns: {
    song: 'index in the catalogue, from 0',
    track_id: 'id in events and reports',
    artist_id: '',
    genre: '',
    year: 'of release as published; 0 = unknown',
    peak_day: 'day of highest interest within the history',
    peak_interest: 'interest on that day',
    mean_interest: 'mean interest of the history’s days',
    half_life_days:
      'days from the peak to the first day of at most half its interest; empty when the history ends before',
  },
  *rows({ world, firstDay, lastDay }, signal) {
    const lives = songLives(world, { firstDay, lastDay }, signal)
    let song = 0
    for (const { track_id, artist_id, genre, year } of songs(catalogueOf(world))) {
      const { peak, peakInterest, meanInterest, halfLife_days } = lives[song]!
      yield [
        ...[song, track_id, artist_id, genre, year, addDays(firstDay, peak)],
        ...[peakInterest, meanInterest, halfLife_days],
      ]
      song++
    }
  },
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
