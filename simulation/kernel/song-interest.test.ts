import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { releaseOf } from '../../datasets/catalogue.ts'
import { ARCHETYPES, SHAPES } from './archetype.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { interest, interestParts, levelOn } from './song-interest.ts'
import { songbookOf } from './songbook.ts'
import { catalogueOf, createWorld } from './world.ts'

const parts = { key: [11, 0, 0, 0] as const, songCount: 2_000, firstDay: '2024-01-01', lastYear: 2025 }
const world = createWorld(parts)
const book = songbookOf(world)
const songs = [...book.base.keys()]
const archetypeOf = (song: number): string => SHAPES[book.firstWave[song]!]!.archetype

describe('interest in songs', () => {
  it('is nothing before the release and something from it on', () => {
    for (const song of songs) {
      const { year, dayOfYear } = releaseOf(catalogueOf(world), song)
      const release = dayNumber(`${year}-01-01`) + dayOfYear - 1
      assert.equal(interest(world, song, dayOfNumber(release - 1)), 0)
      assert.ok(interest(world, song, dayOfNumber(release)) > 0)
    }
  })

  it('is what the published parts say, for any song and day', () => {
    fc.assert(
      fc.property(fc.constantFrom(...songs), fc.integer({ min: -500, max: 15_000 }), (song, age) => {
        if (archetypeOf(song) === 'seasonal') return
        const { release, base, waves } = interestParts(world, song)
        const day = dayNumber(release) + age
        let level = 0
        for (const { onset, height, climb_days, talk_days, memory_days, memoryShare } of waves) {
          const a = day - dayNumber(onset)
          if (a < 0) continue
          const climbed = climb_days === 0 ? 1 : 1 - Math.exp(-(a + 1) / climb_days)
          const fadings = (1 - memoryShare) * Math.exp(-a / talk_days) + memoryShare * Math.exp(-a / memory_days)
          level += height * climbed * fadings
        }
        assert.ok(Math.abs(interest(world, song, dayOfNumber(day)) - base * level) <= 1e-6 * base)
      }),
      { numRuns: 500 },
    )
  })

  it('has every archetype, each with its career', () => {
    for (const archetype of ARCHETYPES) {
      if (archetype === 'revival') continue
      const song = songs.find((at) => archetypeOf(at) === archetype)!
      assert.ok(song !== undefined, archetype)
      const { release, peak, halfLife_days } = interestParts(world, song)
      const wait = dayNumber(peak) - dayNumber(release)
      if (archetype === 'debut' || archetype === 'one-week') assert.equal(wait, 0)
      if (archetype === 'climber') assert.ok(wait >= 4 && wait < 120, `climbs ${wait} days`)
      if (archetype === 'sleeper') assert.ok(wait >= 365, `sleeps ${wait} days`)
      if (archetype === 'one-week') assert.ok(halfLife_days <= 7)
      if (archetype !== 'seasonal') {
        const at = dayNumber(peak)
        assert.ok(levelOn(book, song, at + halfLife_days) <= levelOn(book, song, at) / 2)
        assert.ok(levelOn(book, song, at + halfLife_days - 1) > levelOn(book, song, at) / 2)
      }
    }
  })

  it('comes back to seasonal songs each Christmas', () => {
    const song = songs.find(
      (at) =>
        archetypeOf(at) === 'seasonal' && book.secondGap_days[at] === 0 && book.release[at]! < dayNumber('2020-01-01'),
    )!
    for (const year of [2023, 2024, 2025]) {
      const on = (date: string): number => interest(world, song, `${year}-${date}`)
      assert.ok(on('12-24') > 20 * on('07-01') && on('12-24') > 2 * on('12-05') && on('12-24') > 3 * on('12-31'))
    }
    const flat = createWorld({ ...parts, knobs: { season: 0 } })
    const ratio = interest(flat, song, '2024-12-24') / interest(flat, song, '2024-07-01')
    assert.ok(ratio > 0.95 && ratio < 1.05, 'a world without seasons has none')
  })

  it('stays at its height in a world without decay, and loses its fast part in one without talk', () => {
    const [still, quiet] = [{ decay: 0 }, { talk: 0 }].map((knobs) => createWorld({ ...parts, knobs }))
    for (const song of songs
      .filter((at) => archetypeOf(at) === 'debut' && book.secondGap_days[at] === 0)
      .slice(0, 50)) {
      const { height } = SHAPES[book.firstWave[song]!]!
      const days = [0, 100, 1_000].map((age) => dayOfNumber(book.release[song]! + age))
      assert.ok(days.every((day) => Math.abs(interest(still!, song, day) / (height * book.base[song]!) - 1) < 1e-9))
      assert.ok(interest(quiet!, song, days[1]!) > 0.9 * interest(quiet!, song, days[0]!))
      assert.ok(interest(world, song, days[1]!) < 0.8 * interest(world, song, days[0]!))
    }
  })

  it('is lifted by shocks from their day on, and forgets them', () => {
    const song = songs.find((at) => archetypeOf(at) === 'evergreen' && book.release[at]! < dayNumber('2024-01-01'))!
    const artist = book.artist[song]!
    const shocked = createWorld({
      ...parts,
      shocks: [
        { kind: 'viral', name: 'a joke', song, day: '2024-06-01', size: 3, fadeDays: 10 },
        { kind: 'death', name: 'a death', artist, day: '2024-06-11', size: 2, fadeDays: 30 },
      ],
    })
    const lift = (day: string): number => interest(shocked, song, day) / interest(world, song, day)
    assert.equal(lift('2024-05-31'), 1)
    assert.ok(Math.abs(lift('2024-06-01') - 4) < 1e-9)
    assert.ok(Math.abs(lift('2024-06-11') - (1 + 3 * Math.exp(-1) + 2)) < 1e-9)
    assert.equal(lift('2025-12-31'), 1)
    const stranger = songs.find((at) => book.artist[at] !== artist && interest(world, at, '2024-06-11') > 0)!
    assert.equal(interest(shocked, stranger, '2024-06-11'), interest(world, stranger, '2024-06-11'))
    const other = book.artistSongs(artist).first
    if (other !== song) assert.equal(lift('2024-06-11') > 1, true)
  })

  it('refuses songs, and shocks of songs or artists, that are not there', () => {
    assert.throws(() => interest(world, 2_000, world.firstDay), /0 to 1999, got 2000/)
    assert.throws(() => interestParts(world, -1), RangeError)
    const lost = { kind: 'viral', name: 'lost', song: 2_000, day: '2024-06-01', size: 3, fadeDays: 10 } as const
    assert.throws(
      () => songbookOf(createWorld({ ...parts, shocks: [lost] })),
      /"lost" to name a song from 0 to 1999, got/,
    )
  })
})
