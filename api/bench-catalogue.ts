/** A small catalogue for the benchmark, so that resolving a song's artist is part of what is measured. */
import type { Song } from '../datasets/music.ts'

export const BENCH_SONGS = 1_000

export function benchSongId(index: number): string {
  return `TRBENCH${index.toString(16).toUpperCase().padStart(11, '0')}`
}

export function benchSongs(): Song[] {
  return Array.from({ length: BENCH_SONGS }, (_, index) => ({
    track_id: benchSongId(index),
    song_id: `SO${benchSongId(index).slice(2)}`,
    title: `Measure ${index}`,
    artist_id: `AR${benchSongId(index % 100).slice(2)}`,
    artist_name: `Bench Band ${index % 100}`,
    album_id: `AL${benchSongId(index % 200).slice(2)}`,
    release: `Bars ${index % 200}`,
    genre: 'metronome',
    year: 2014,
    duration_ms: 180_000,
    tempo: 120,
    key: index % 12,
    energy: 0.5,
    song_hotttnesss: 0.5,
  }))
}
