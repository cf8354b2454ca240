/** Plays of some songs by UTC day, counted from the events: what an analyst would start from. */
import { daysBetween } from '../../datasets/day.ts'
import { MEASURES } from '../../datasets/tables.ts'
import type { Dimension } from '../expect/dimension.ts'
import { expectDays } from '../expect/expect-days.ts'
import type { ScoredHistory } from './task.ts'

/** By group (a song, an artist), its plays on each day of the history; groups without any play are left out. */
export function playsByDay(history: ScoredHistory, by: Dimension): Map<number, Uint32Array> {
  const { world, firstDay, lastDay, signal } = history
  const days = daysBetween(firstDay, lastDay)
  const series = new Map<number, Uint32Array>()
  const column = MEASURES.indexOf('plays')
  let at = -1
  const range = { first: firstDay, last: lastDay }
  for (const { counts } of expectDays(world, { firstDay, lastDay }, [by], { days: range })) {
    signal?.throwIfAborted()
    at++
    const { groups, values } = counts[by]!
    const width = groups.length === 0 ? 0 : values.length / groups.length
    for (let i = 0; i < groups.length; i++) {
      const plays = values[i * width + column]!
      if (plays === 0) continue
      let ofGroup = series.get(groups[i]!)
      if (ofGroup === undefined) {
        ofGroup = new Uint32Array(days.length)
        series.set(groups[i]!, ofGroup)
      }
      ofGroup[at] = plays
    }
  }
  return series
}
