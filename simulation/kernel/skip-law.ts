/**
 * When a listener leaves a song: a piecewise constant hazard, different from song to song.
 *
 * The published figures (Lamere 2014: 24 % of plays are left within 5 s, 35 % within 30 s, 49 % before the end) give
 * 0.0553/s for the first 5 s, 0.0062/s to 30 s and 0.0012/s from then on. Each song has a fingerprint on top of that
 * (Donier 2020: skips follow musical events, and the profile is the song's own): how its opening is taken, and one spot
 * (a break, an outro, a tasteless bridge) at which many leave within six seconds.
 */
import { type Key, type Words, wordsAt } from '../../datasets/random.ts'
import { log } from './elementary.ts'
import { STREAM } from './stream.ts'

export interface Fingerprint {
  /** Multiplies the hazard of the first 5 s, and that of the next 25 s. */
  opening: number
  verse: number
  /** Where the spot is, as a share of the song's duration. */
  spotAt: number
  /** Summed hazard of the spot's six seconds, on top of the usual one. */
  spot: number
  /** Multiplies the usual hazard from 30 s on. */
  rest: number
  /** How likely the song is to be liked, −1 … 1; the same for everybody. */
  quality: number
}

/** @param strength 0: every song is left alike; 1: as fitted */
export function fingerprintOf(key: Key, song: number, strength: number): Fingerprint {
  const words = wordsAt(key, STREAM.fingerprint, song)
  const more = wordsAt(key, STREAM.fingerprint, song, 1)
  const towards = (value: number): number => 1 + strength * (value - 1)
  return {
    opening: towards(0.62 + 0.72 * unit(words, 0)),
    verse: towards(0.5 + unit(words, 1)),
    spotAt: 0.15 + 0.75 * unit(words, 2),
    spot: strength * 0.16 * -log(1 - 0.98 * unit(words, 3)),
    rest: towards(0.35),
    quality: 2 * unit(more, 0) - 1,
  }
}

const OPENING = 0.0553
const VERSE = 0.0062
const REST = 0.0012
const SPOT_S = 6

/** Summed hazard of the first `t_s` seconds of a song for a listener of factor 1; the share still listening is its e^−. */
export function summedHazard(fingerprint: Fingerprint, duration_ms: number, t_s: number): number {
  const { opening, verse, rest, spot, spotAt } = fingerprint
  const spot_s = Math.max(30, (spotAt * duration_ms) / 1000)
  return (
    OPENING * opening * Math.min(t_s, 5) +
    VERSE * verse * Math.min(25, Math.max(0, t_s - 5)) +
    REST * rest * Math.max(0, t_s - 30) +
    spot * Math.min(1, Math.max(0, (t_s - spot_s) / SPOT_S))
  )
}

/**
 * The listening time at which the summed hazard reaches `patience`, in ms; beyond the song's end when it does not.
 * The inverse of {@link summedHazard}.
 */
export function skipAfter_ms(fingerprint: Fingerprint, duration_ms: number, patience: number): number {
  const opening = OPENING * fingerprint.opening
  let left = patience
  if (left < 5 * opening) return Math.floor((1000 * left) / opening)
  left -= 5 * opening
  const verse = VERSE * fingerprint.verse
  if (left < 25 * verse) return Math.floor(5_000 + (1000 * left) / verse)
  left -= 25 * verse
  const rest = REST * fingerprint.rest
  const spot_s = Math.max(30, (fingerprint.spotAt * duration_ms) / 1000)
  const before = rest * (spot_s - 30)
  if (left < before) return Math.floor(30_000 + (1000 * left) / rest)
  left -= before
  const inSpot = rest + fingerprint.spot / SPOT_S
  if (left < SPOT_S * inSpot) return Math.floor(1000 * (spot_s + left / inSpot))
  left -= SPOT_S * inSpot
  return rest === 0 ? duration_ms : Math.floor(1000 * Math.min(86_400, spot_s + SPOT_S + left / rest))
}

/** How a listener's age and the weekday change the skip hazard: teenagers skip most, people in their thirties least. */
export function impatience(age_years: number, weekday: number): number {
  const ofAge = age_years < 20 ? 1.4 : age_years < 30 ? 1.22 : age_years < 40 ? 0.64 : age_years < 47 ? 1 : 1.32
  return ofAge * WEEKDAY_FACTOR[weekday]!
}

/** Monday first. */
const WEEKDAY_FACTOR = [0.92, 0.92, 0.93, 0.98, 1.03, 1.13, 1.12]

function unit(words: Readonly<Words>, at: 0 | 1 | 2 | 3): number {
  return (words[at] + 0.5) / 0x100000000
}
