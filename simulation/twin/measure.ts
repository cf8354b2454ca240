/** What an effect is measured in: sums over sessions. */
import type { ListenedSession } from './listened-session.ts'
import type { Tally } from './twin.ts'

export const MEASURES = [
  'sessions',
  'plays',
  'listened_ms',
  'skips',
  'searches',
  'thumbs_up',
  'thumbs_down',
  'ratings',
  'comments',
  'tags',
  'pauses',
] as const
export type Measure = (typeof MEASURES)[number]

const OF_REACTION: Readonly<Record<string, Measure>> = {
  tup: 'thumbs_up',
  tdn: 'thumbs_down',
  rate: 'ratings',
  comment: 'comments',
  tag: 'tags',
}

/** Adds a session to the sums at a place. */
export function addMeasures(sums: Tally, place: number, session: ListenedSession): void {
  const add = (measure: Measure, amount: number): void => {
    sums[measure][place]! += amount
  }
  add('sessions', 1)
  add('plays', session.plays.length)
  for (const play of session.plays) {
    add('listened_ms', play.heard_ms)
    if (play.isSkipped) add('skips', 1)
    add('searches', play.searches.length)
    add('pauses', play.pauses)
    for (const { kind } of play.reactions) add(OF_REACTION[kind]!, 1)
  }
}
