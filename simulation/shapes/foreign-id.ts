/**
 * Ids in the forms of other data sets, for users, songs and artists of a world. Each is a hash of who it stands for, so
 * that all shapes of one world join with each other. Streams 0x6500 … 0x65ff are this folder's.
 */
import { hex32, hex128, type Words, wordsAt } from '../../datasets/random.ts'
import type { World } from '../kernel/world.ts'

const STREAM = {
  artistMbid: 0x6500,
  trackMbid: 0x6501,
  tasteUser: 0x6502,
  streamedTrack: 0x6503,
  subscription: 0x6504,
} as const

/** In the form of a MusicBrainz id, which is a UUID; version 8 marks it as made by a rule, so that it is nobody's. */
export function artistMbid(world: World, artist: number): string {
  return uuid(wordsAt(world.key, STREAM.artistMbid, artist))
}

/** See {@link artistMbid}. */
export function trackMbid(world: World, song: number): string {
  return uuid(wordsAt(world.key, STREAM.trackMbid, song))
}

/** A user of the Taste Profile: 40 lower-case hex digits. */
export function tasteUser(world: World, user: number): string {
  return hex128(wordsAt(world.key, STREAM.tasteUser, user)) + hex32(wordsAt(world.key, STREAM.tasteUser, user, 1)[0])
}

/** A track of the Music Streaming Sessions Dataset: `t_` and a UUID. */
export function streamedTrack(world: World, song: number): string {
  return `t_${uuid(wordsAt(world.key, STREAM.streamedTrack, song))}`
}

/** Two users in twelve pay, as in eventsim's configuration (free to paid as 10 to 2). The kernel knows no such thing. */
export function isPaying(world: World, user: number): boolean {
  return wordsAt(world.key, STREAM.subscription, user)[0] < 0x1_0000_0000 / 6
}

/** The shape of a UUID of version 8, RFC 9562's number for ids made by a rule. */
export function uuid(words: Readonly<Words>): string {
  const hex = hex128(words)
  const variant = '89ab'.charAt((words[2] >>> 28) & 3)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
