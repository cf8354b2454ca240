import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { dayEvents } from './history.ts'
import { interest, waveLevel, waveOf } from './song-interest.ts'
import { songbookOf } from './songbook.ts'
import { createWorld } from './world.ts'

/** A world in which one of the well-known songs has its wave within the twelve weeks. */
const world = createWorld({ key: [11, 0, 0, 0], songCount: 300, userCount: 250 })
const book = songbookOf(world)
const firstDay = dayNumber(world.firstDay)
const days = Array.from({ length: 84 }, (_, i) => firstDay + i)
const all = Array.from({ length: world.songCount }, (_, song) => song)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

describe('interest in songs', () => {
  it('shares out all standing interest', () => {
    assert.ok(Math.abs(sum(all.map((song) => book.base(song))) - 1) < 1e-9)
  })

  it('rises to one peak after the onset and declines from it for ever', () => {
    for (const song of all) {
      const onset = firstDay + waveOf(book, song).onset
      const levels = Array.from({ length: 400 }, (_, age) => waveLevel(book, song, onset + age))
      const peak = levels.indexOf(Math.max(...levels))
      assert.ok(levels.every((level) => level > 0 && level <= 1))
      assert.ok(
        levels.every((level, age) => age === 0 || (age <= peak ? level > levels[age - 1]! : level < levels[age - 1]!)),
      )
      assert.ok(levels[peak]! > waveLevel(book, song, onset - 1), 'a wave lifts a song')
    }
  })

  it('declines fast at first and slowly later, as two exponentials do and one does not', () => {
    for (const song of all) {
      const onset = firstDay + waveOf(book, song).onset
      const lossPerDay = (age: number): number =>
        1 - waveLevel(book, song, onset + age + 1) / waveLevel(book, song, onset + age)
      const { rise, talk } = waveOf(book, song)
      const peak = rise * Math.log(1 + talk / rise)
      assert.ok(lossPerDay(Math.ceil(peak + talk)) > 4 * lossPerDay(1_500), `song ${song}`)
      assert.ok(lossPerDay(1_500) > 0.0004 && lossPerDay(1_500) < 0.0006, 'memory fades within years')
    }
  })

  it('has songs that start at their peak, songs that climb, and songs on the way down on any day of a quarter', () => {
    const large = songbookOf(createWorld({ songCount: 2_000 }))
    const songs = Array.from({ length: 2_000 }, (_, song) => song)
    const waves = songs.map((song) => waveOf(large, song))
    assert.ok(waves.filter(({ rise }) => rise < 1).length > 400)
    assert.ok(waves.filter(({ rise }) => rise > 12).length > 300)
    for (const day of [days[0]!, days[40]!, days[83]!]) {
      const change = songs.map((song) => waveLevel(large, song, day + 28) / waveLevel(large, song, day))
      assert.ok(change.filter((ratio) => ratio > 1.5).length >= 20)
      assert.ok(change.filter((ratio) => ratio < 0.7).length >= 20)
    }
  })

  it('is what a song is played for: weekly plays follow the curve up and down', () => {
    const plays = new Map<string, number[]>()
    const weekly = new Array<number>(days.length / 7).fill(0)
    days.forEach((day, i) => {
      for (const event of dayEvents(world, dayOfNumber(day))) {
        if (event.event !== 'play') continue
        const week = Math.floor(i / 7)
        const counts = plays.get(event.songid) ?? new Array<number>(weekly.length).fill(0)
        counts[week]!++
        weekly[week]!++
        plays.set(event.songid, counts)
      }
    })
    // The song with the most plays among those whose wave comes and goes within the twelve weeks.
    const candidates = all.filter((song) => {
      const { onset, rise, talk } = waveOf(book, song)
      return onset >= 7 && onset <= 40 && rise < 15 && talk < 30
    })
    const song = candidates.reduce((best, other) => (book.base(other) > book.base(best) ? other : best))
    const counts = plays.get(book.song(song).track_id)!
    assert.ok(sum(counts) > 500, `only ${sum(counts)} plays`)

    const share = counts.map((count, week) => count / weekly[week]!)
    const curve = weekly.map((_, week) =>
      sum(
        days.slice(week * 7, week * 7 + 7).map((day) => interest(world, song, dayOfNumber(day)) / interestOfAll(day)),
      ),
    )
    assert.ok(misfit(share, curve) < 0.1, `misfit ${misfit(share, curve)}`)
    // The same check must see that flat interest, or interest a month late, is something else.
    assert.ok(
      misfit(
        share,
        curve.map(() => 1),
      ) > 0.2,
    )
    assert.ok(misfit(share, [...curve.slice(-4), ...curve.slice(0, -4)]) > 0.3)
  })

  it('is refused for songs that are not there', () => {
    assert.throws(() => interest(world, 300, world.firstDay), /0 to 299, got 300/)
  })
})

function interestOfAll(day: number): number {
  return sum(all.map((song) => book.base(song) * waveLevel(book, song, day)))
}

/** Total variation between two curves, each taken as shares of its own sum: 0 equal, 1 apart. */
function misfit(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, i) => Math.abs(value / sum(a) - b[i]! / sum(b)))) / 2
}
