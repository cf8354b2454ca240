import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { CsvRows } from '../../datasets/csv-rows.ts'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { friendsOf, stationAt, stationsOf } from '../kernel/collaboration.ts'
import { dayEvents } from '../kernel/history.ts'
import { CHRONOTYPES } from '../kernel/hour-of-week.ts'
import { listenerAt } from '../kernel/listener.ts'
import { fingerprintOf, summedHazard } from '../kernel/skip-law.ts'
import { interest, interestParts } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { createWorld } from '../kernel/world.ts'
import { songLives } from './song-life.ts'
import { writeTruth } from './write-truth.ts'

const world = createWorld({
  songCount: 120,
  userCount: 40,
  shocks: [{ kind: 'viral', name: 'a dance', song: 3, day: '2026-01-10', size: 50, fadeDays: 4 }],
})
const span = { firstDay: world.firstDay, lastDay: addDays(world.firstDay, 119) }
const days = daysBetween(span.firstDay, span.lastDay)
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-truth-'))
  await writeTruth(world, span, folder, undefined, { causes: true })
})
after(() => rm(folder, { recursive: true, force: true }))

async function table(name: string): Promise<Record<string, string>[]> {
  const bytes = await readFile(join(folder, name))
  const rows = new CsvRows()
  const read = [...rows.push((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')), ...rows.end()]
  const [head, ...body] = read
  assert.ok(body.every(({ cells, problem }) => !problem && cells.length === head!.cells.length))
  return body.map(({ cells }) => Object.fromEntries(head!.cells.map((column, at) => [column, cells[at]!])))
}

describe('the truth', () => {
  it('has a row for each song, with the peak and half-life that interest has', async () => {
    const rows = await table('songs.csv')
    assert.equal(rows.length, 120)
    for (const [song, row] of rows.entries()) {
      const curve = days.map((day) => interest(world, song, day))
      const peak = curve.indexOf(Math.max(...curve))
      const isOut = curve[peak]! > 0
      assert.equal(row['peak_day'], isOut ? days[peak] : '')
      const half = curve.findIndex((value, at) => at > peak && value <= curve[peak]! / 2)
      assert.equal(row['half_life_days'], half < 0 || !isOut ? '' : String(half - peak))
    }
    assert.ok(rows.some(({ half_life_days }) => half_life_days !== ''))
  })

  it('has interest day by day', async () => {
    const rows = await table('interest.csv.gz')
    assert.equal(rows.length, 120 * 120)
    for (const { song, day, interest: told } of rows.filter((_, at) => at % 97 === 0)) {
      assert.equal(Number(told), interest(world, Number(song), day!))
    }
  })

  it('has every trait of each listener', async () => {
    const rows = await table('listeners.csv')
    assert.equal(rows.length, 40)
    const of = listenerAt(world, 17)
    const row = rows[17]!
    assert.deepEqual(
      [row['uid'], row['zip'], Number(row['skip_factor']), row['chronotype']],
      [of.uid, of.home.zip, of.skipFactor, CHRONOTYPES[of.chronotype]],
    )
    assert.deepEqual(
      Object.entries(row).flatMap(([column, cell]) => (column.startsWith('taste_') ? [Number(cell)] : [])),
      [...of.taste],
    )
  })

  it('has the cause of every event, and the feeling of every comment', async () => {
    const rows = await table('causes.csv.gz')
    const events = days.flatMap((day) => dayEvents(world, day))
    assert.deepEqual(rows.map(({ eid }) => eid).sort(), events.map(({ eid }) => eid).sort())
    const comments = new Set(events.filter(({ event }) => event === 'comment').map(({ eid }) => eid))
    assert.ok(rows.every(({ eid, sentiment }) => comments.has(eid!) === (sentiment !== '')))
  })

  it('has each song’s career and skip fingerprint', async () => {
    const rows = await table('songs.csv')
    for (const [song, row] of rows.entries()) {
      const { archetype, release, peak, waves } = interestParts(world, song)
      assert.deepEqual([row['archetype'], row['release_day'], row['career_peak_day']], [archetype, release, peak])
      assert.equal(row['second_wave_day'], waves[1]?.onset ?? '')
      const fingerprint = fingerprintOf(world.key, song, world.knobs.fingerprint)
      assert.equal(Number(row['skip_spot_at']), fingerprint.spotAt)
    }
    const law = JSON.parse(await readFile(join(folder, 'hazards.json'), 'utf8')) as {
      average_song: { after_s: number; left_share: number }[]
    }
    const book = songbookOf(world)
    for (const { after_s, left_share } of law.average_song) {
      const left = rows.map((_, song) => {
        const fingerprint = fingerprintOf(world.key, song, world.knobs.fingerprint)
        return 1 - Math.exp(-summedHazard(fingerprint, book.duration_ms[song]!, after_s))
      })
      assert.ok(Math.abs(left_share - left.reduce((sum, each) => sum + each, 0) / 120) < 1e-12)
    }
  })

  it('has friends and stations', async () => {
    const friends = await table('friends.csv')
    const of = Array.from({ length: 40 }, (_, user) => friendsOf(world, user))
    assert.equal(friends.length, of.flat().length)
    assert.ok(friends.every(({ user, friend }) => of[Number(user)]!.includes(Number(friend))))
    const stations = await table('stations.csv')
    assert.equal(stations.length, Array.from({ length: 40 }, (_, user) => stationsOf(world, user)).flat().length)
    assert.equal(stations[0]!['name'], stationAt(world, Number(stations[0]!['station'])).name)
  })

  it('names shocks by the ids that events have, and every column in its README', async () => {
    const [shock] = JSON.parse(await readFile(join(folder, 'shocks.json'), 'utf8')) as Record<string, unknown>[]
    assert.equal(shock!['track_id'], (await table('songs.csv'))[3]!['track_id'])
    const text = await readFile(join(folder, 'README.md'), 'utf8')
    for (const name of await readdir(folder)) if (name !== 'README.md') assert.ok(text.includes(`## ${name}`), name)
    for (const column of Object.keys((await table('listeners.csv'))[0]!)) assert.ok(text.includes(`\`${column}\``))
  })

  it('leaves no half file when it is stopped', async () => {
    const other = join(folder, 'stopped')
    await assert.rejects(writeTruth(world, span, other, AbortSignal.abort()), { code: 'interrupted' })
    assert.deepEqual(await readdir(other), [])
  })
})

describe('songLives', () => {
  it('finds what a plain reading of the curve finds, in any part of a history', () => {
    const part = { firstDay: addDays(span.firstDay, 7), lastDay: addDays(span.firstDay, 12) }
    for (const { song, peak, meanInterest } of songLives(world, part)) {
      const curve = days.slice(7, 13).map((day) => interest(world, song, day))
      assert.equal(peak, curve.indexOf(Math.max(...curve)))
      assert.ok(Math.abs(meanInterest - curve.reduce((sum, value) => sum + value, 0) / 6) < 1e-12)
    }
  })
})
