import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CsvRows } from '../../datasets/csv-rows.ts'
import { eventLine, wireEventSchema } from '../../datasets/event.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { wireEvent } from '../kernel/history.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { createWorld, PROFILES, type World } from '../kernel/world.ts'
import { EVENT_COLUMNS } from './columns.ts'
import { CsvLines } from './csv-lines.ts'
import { DayDigests, Digest } from './digest.ts'
import { FilledBlock } from './filled-block.ts'
import { JsonLines } from './json-lines.ts'
import { LineBuffer } from './line-buffer.ts'

const worlds = PROFILES.map((profile) => createWorld({ songCount: 300, userCount: 150, profile }))

function* filledDays(world: World): Generator<FilledBlock> {
  const filled = new FilledBlock()
  for (let day = 0; day < 12; day++) {
    filled.fill(world, dayNumber(world.firstDay) + day, { first: 0, count: world.userCount })
    yield filled
  }
}

function textOf(
  lines: { open(filled: FilledBlock): void; put(to: LineBuffer, filled: FilledBlock, row: number): void },
  filled: FilledBlock,
): string {
  const blocks: Buffer[] = []
  const buffer = new LineBuffer((block) => blocks.push(Buffer.from(block)))
  lines.open(filled)
  for (const row of filled.order) lines.put(buffer, filled, row)
  buffer.flush()
  return Buffer.concat(blocks).toString()
}

describe('lines made of bytes', () => {
  it('are, as JSON, what JSON.stringify makes of every kind of event, and what the API takes', () => {
    const kinds = new Set<string>()
    for (const world of worlds) {
      const lines = new JsonLines(world, 'wire')
      for (const filled of filledDays(world)) {
        const events = Array.from(filled.order, (row) => wireEvent(world, filled.block, row))
        const expected = events.map((event) =>
          eventLine({ ...event, received_ms: 0 }).replace(',"received_ms":0}', '}\n'),
        )
        assert.equal(textOf(lines, filled), expected.join(''))
        for (const line of expected) kinds.add(wireEventSchema.parse(JSON.parse(line)).event)
      }
    }
    assert.equal(kinds.size, 12)
  })

  it('are, for the event log, what eventLine makes', () => {
    for (const world of worlds) {
      const lines = new JsonLines(world, 'stored')
      for (const filled of filledDays(world)) {
        const expected = Array.from(filled.order, (row) => {
          const event = wireEvent(world, filled.block, row)
          const artistid =
            event.songid === undefined ? undefined : songbookOf(world).song(filled.block.song[row]!).artist_id
          return `${eventLine({ ...event, artistid, received_ms: event.ts })}\n`
        })
        assert.equal(textOf(lines, filled), expected.join(''))
      }
    }
  })

  it('are, as CSV, rows of which every cell is the event’s', () => {
    for (const world of worlds) {
      const lines = new CsvLines(world)
      for (const filled of filledDays(world)) {
        const rows = new CsvRows().push(textOf(lines, filled))
        assert.equal(rows.length, filled.order.length)
        filled.order.forEach((row, i) => {
          const { block } = filled
          const session = block.session[row]!
          const event = wireEvent(world, block, row) as Record<string, unknown> & { tags?: string[]; ts: number }
          const local_ms = event.ts + block.sessionOffset_min[session]! * 60_000
          const values: Record<string, unknown> = {
            ...event,
            tags: event.tags?.join(';'),
            local_date: dayOfNumber(Math.floor(local_ms / 86_400_000)),
            zip: knownListener(world, block.sessionUser[session]!).home.zip,
          }
          const expected = EVENT_COLUMNS.map(({ name }) => (values[name] === undefined ? '' : String(values[name])))
          assert.deepEqual(rows[i]!.cells, expected)
        })
      }
    }
  })
})

describe('the digest', () => {
  const world = worlds[0]!

  it('is the sum of what each event gives alone, in any order', () => {
    for (const of of worlds) {
      const digests = new DayDigests(of)
      for (const filled of filledDays(of)) {
        digests.open(filled)
        const quick = new Digest()
        const refs = filled.order.map((row) => 2 * row + 1)
        const empty = new FilledBlock()
        digests.open(empty)
        digests.addTo(quick, { blocks: [empty, filled], refs, count: refs.length })
        const slow = new Digest()
        for (const row of [...filled.order].reverse()) slow.addEvent(wireEvent(of, filled.block, row))
        assert.equal(quick.toString(), slow.toString())
      }
    }
  })

  it('changes when an event is lost, doubled or altered in any field', () => {
    const [filled] = filledDays(world)
    const events = Array.from(filled!.order, (row) => wireEvent(world, filled!.block, row))
    const digestOf = (of: readonly (typeof events)[number][]): string => {
      const digest = new Digest()
      for (const event of of) digest.addEvent(event)
      return digest.toString()
    }
    const digests = [digestOf(events), digestOf(events.slice(1)), digestOf([...events, events[0]!])]
    const altered: Record<string, unknown> = {
      eid: '0'.repeat(32),
      ts: 1,
      uid: 'other',
      session: 'other',
      event: 'skip',
      songid: 'TRAAAAW128F429D538',
      position_ms: 17,
      query: 'other',
      stars: 11,
      text: 'other',
      tags: ['other'],
      ip4: '198.18.0.0',
      device: 'other',
    }
    for (const [field, value] of Object.entries(altered)) {
      const at = events.findIndex((event) => field in event)
      if (at < 0) continue
      digests.push(digestOf(events.with(at, { ...events[at]!, [field]: value } as (typeof events)[number])))
    }
    assert.ok(digests.length > 12)
    assert.equal(new Set(digests).size, digests.length)
  })

  it('adds up over parts, with the carry', () => {
    const digest = new Digest()
    digest.addText('00000000ffffffff')
    digest.addText('ffffffff00000002')
    assert.equal(digest.toString(), '0000000000000001')
  })
})
