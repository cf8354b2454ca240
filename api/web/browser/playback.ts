/**
 * A play without sound: what is on, and how far. Pure: each step takes the time and gives the next state, so a test
 * can play an hour in no time and a browser that slept in between still shows the right position.
 */
export interface Playable {
  track_id: string
  duration_ms: number
}

export type Playback<S extends Playable> =
  | { state: 'idle' }
  /** At `since_ms` the song stood at `from_ms`, and has run since. */
  | { state: 'playing'; song: S; since_ms: number; from_ms: number }
  | { state: 'paused'; song: S; position_ms: number }
  | { state: 'ended'; song: S }

export function start<S extends Playable>(song: S, now_ms: number): Playback<S> {
  return { state: 'playing', song, since_ms: now_ms, from_ms: 0 }
}

/** A playing song that has come to its end is ended; anything else stays as it is. */
export function advance<S extends Playable>(playback: Playback<S>, now_ms: number): Playback<S> {
  const over = playback.state === 'playing' && positionAt(playback, now_ms) >= playback.song.duration_ms
  return over ? { state: 'ended', song: playback.song } : playback
}

export function pause<S extends Playable>(playback: Playback<S>, now_ms: number): Playback<S> {
  if (playback.state !== 'playing') return playback
  return { state: 'paused', song: playback.song, position_ms: positionAt(playback, now_ms) }
}

export function resume<S extends Playable>(playback: Playback<S>, now_ms: number): Playback<S> {
  if (playback.state !== 'paused') return playback
  return { state: 'playing', song: playback.song, since_ms: now_ms, from_ms: playback.position_ms }
}

/** Whole milliseconds from 0 to the song's duration; 0 when idle. A clock that is set back never makes it negative. */
export function positionAt<S extends Playable>(playback: Playback<S>, now_ms: number): number {
  switch (playback.state) {
    case 'idle':
      return 0
    case 'ended':
      return playback.song.duration_ms
    case 'paused':
      return playback.position_ms
    case 'playing': {
      const position = Math.round(playback.from_ms + Math.max(0, now_ms - playback.since_ms))
      return Math.min(playback.song.duration_ms, position)
    }
  }
}
