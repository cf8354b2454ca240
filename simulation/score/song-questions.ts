/** The songs that peak days and half-lives are asked of: those most listened to whose peak lies within the history. */
import { daysBetween } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { type SongLife, songLives } from '../truth/song-life.ts'
import type { ScoredHistory } from './task.ts'

/** Further ones are heard too seldom for an answer. */
const SONGS_MAX = 200

/** Ascending by index. @throws MusicboxError `input.invalid` when there are fewer than two */
export function songsAsked(history: ScoredHistory, isWanted: (life: SongLife) => boolean = () => true): SongLife[] {
  const { world, firstDay, lastDay, signal } = history
  let known = asked.get(history.world)
  if (known?.firstDay !== firstDay || known.lastDay !== lastDay) {
    known = { firstDay, lastDay, lives: songLives(world, { firstDay, lastDay }, signal) }
    asked.set(world, known)
  }
  const last = daysBetween(firstDay, lastDay).length - 1
  const songs = known.lives
    .filter((life) => life.peak > 0 && life.peak < last && isWanted(life))
    .sort((a, b) => b.meanInterest - a.meanInterest || a.song - b.song)
    .slice(0, SONGS_MAX)
  if (songs.length >= 2) return songs.sort((a, b) => a.song - b.song)
  throw new MusicboxError(
    'input.invalid',
    `expected a history in which at least two songs rise and decline, found ${songs.length}`,
    'take a longer one',
  )
}

/** Lives cost songs × days evaluations, and one scoring asks for them several times. */
const asked = new WeakMap<ScoredHistory['world'], { firstDay: string; lastDay: string; lives: SongLife[] }>()
