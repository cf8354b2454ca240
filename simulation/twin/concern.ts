/** What came out otherwise between two worlds, by concern: each of the kernel's concerns draws on streams of its own. */
import type { ListenedPlay, ListenedSession } from './listened-session.ts'

export const CONCERNS = [
  /** Sessions that one world lacks, or that start at another time. */
  'arrivals',
  /** Sessions on another device. */
  'devices',
  /** Sessions with more or fewer plays. */
  'sizes',
  /** Plays of another song; this and what follows is counted over the plays that both sessions have. */
  'songs',
  /** Plays of the same song for another reason. */
  'causes',
  /** Plays heard for a shorter or longer time. */
  'listening',
  /** Plays with other searches before them. */
  'searches',
  /** Plays with other thumbs, ratings, tags or comments; at which time they come is a matter of listening. */
  'reactions',
  /** Plays paused more or less often. */
  'pauses',
  /** Plays that start at another time. */
  'times',
] as const
export type Concern = (typeof CONCERNS)[number]
export type ConcernCounts = Record<Concern, number>

type Sessions = ReadonlyMap<string, ListenedSession>

export function countDifferences(counts: ConcernCounts, sessionsA: Sessions, sessionsB: Sessions): void {
  for (const [id, a] of sessionsA) {
    const b = sessionsB.get(id)
    if (b === undefined || b.start_ms !== a.start_ms || b.user !== a.user) counts.arrivals++
    if (b === undefined) continue
    if (b.device !== a.device) counts.devices++
    if (b.plays.length !== a.plays.length) counts.sizes++
    for (const [i, play] of a.plays.slice(0, b.plays.length).entries()) countPlay(counts, play, b.plays[i]!)
  }
  for (const id of sessionsB.keys()) if (!sessionsA.has(id)) counts.arrivals++
}

function countPlay(counts: ConcernCounts, a: ListenedPlay, b: ListenedPlay): void {
  if (a.song !== b.song) counts.songs++
  else if (a.cause !== b.cause) counts.causes++
  if (a.heard_ms !== b.heard_ms) counts.listening++
  if (a.searches.join() !== b.searches.join()) counts.searches++
  if (reactionsText(a) !== reactionsText(b)) counts.reactions++
  if (a.pauses !== b.pauses) counts.pauses++
  if (a.ts !== b.ts) counts.times++
}

function reactionsText({ reactions }: ListenedPlay): string {
  return reactions.map(({ kind, detail }) => `${kind} ${detail}`).join()
}
