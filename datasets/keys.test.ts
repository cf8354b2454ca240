import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addDays, type Day } from './day.ts'
import {
  afterPrefix,
  dayKey,
  escapeId,
  foldName,
  parseDayKey,
  parseSearchKey,
  periodKey,
  scopeOf,
  searchKey,
  searchNames,
  topKey,
  topPrefix,
  unescapeId,
} from './keys.ts'

/** Any well-formed text, astral and control characters included, and often what could break a key. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('::', ':', '%', '%3A', '_', '"', "'", '\\', '\0', '\ufeff', '\u{10ffff}', ' ', 'ß', 'İ'),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
    )
    .map((parts) => parts.join('')),
)
/** Any sequence of UTF-16 units, lone surrogates included. */
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
const anyId = fc.oneof(anyText, fc.stringMatching(/^TR[A-Z]{5}[0-9A-F]{11}$/)).filter((id) => id !== '')
const anyDay: fc.Arbitrary<Day> = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1970-01-01', days))

/** Text as the stores order it: by the bytes of UTF-8. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

describe('ids in keys', () => {
  it('come back as they went in', () => {
    fc.assert(fc.property(anyText, (id) => assert.equal(unescapeId(escapeId(id)), id)))
  })

  it('hold only printable ASCII, without the mark that parts id and day', () => {
    fc.assert(fc.property(fc.oneof(anyText, anyUnits), (id) => assert.match(escapeId(id), /^[\x21-\x7e]*$/)))
    fc.assert(fc.property(fc.oneof(anyText, anyUnits), (id) => assert.ok(!escapeId(id).includes('_'))))
  })

  it('stay as they are in the MSD’s form', () => {
    assert.equal(escapeId('TRAXLZU12903D05F94'), 'TRAXLZU12903D05F94')
    assert.equal(escapeId('a_b%c d\u00e9'), 'a%5Fb%25c%20d%C3%A9')
  })

  it('are no longer than a key may be', () => {
    // An id has at most 100 UTF-16 units, a name 200 characters after folding; LMDB's keys end at 1,978 bytes.
    const long = searchKey('\u{1d11e}'.repeat(500), '\uffff'.repeat(100))
    assert.ok(Buffer.byteLength(long) <= 1978, `${Buffer.byteLength(long)} bytes`)
  })
})

describe('day keys', () => {
  it('give back id and day', () => {
    fc.assert(fc.property(anyId, anyDay, (id, day) => assert.deepEqual(parseDayKey(dayKey(id, day)), { id, day })))
    assert.equal(dayKey('TRAXLZU12903D05F94', '2013-05-14'), 'TRAXLZU12903D05F94_20130514')
  })

  it('order an id’s rows by day', () => {
    fc.assert(
      fc.property(anyId, anyDay, anyDay, (id, a, b) => {
        assert.equal(Math.sign(compare(dayKey(id, a), dayKey(id, b))), Math.sign(a < b ? -1 : a > b ? 1 : 0))
      }),
    )
  })

  /** Whether a scan of an id's days takes in a row of another id. */
  const strays = (key: (id: string, day: Day) => string, id: string, other: string, days: [Day, Day, Day]): boolean => {
    const [first, last, any] = days
    return id !== other && compare(key(id, first), key(other, any)) <= 0 && compare(key(other, any), key(id, last)) <= 0
  }
  /** Two ids of which one often begins with the other, the case that could go wrong. */
  const twoIds = fc.oneof(
    fc.tuple(anyId, anyId),
    fc.tuple(anyId, anyText).map(([id, more]): [string, string] => [id, id + more]),
    fc.tuple(anyId, anyDay).map(([id, day]): [string, string] => [id, `${id}_${day.replaceAll('-', '')}`]),
  )
  const threeDays = fc
    .tuple(anyDay, anyDay, anyDay)
    .map(([a, b, any]): [Day, Day, Day] => (a < b ? [a, b, any] : [b, a, any]))

  it('let a scan of one id’s days meet no row of another id', () => {
    fc.assert(
      fc.property(twoIds, threeDays, ([id, other], days) => {
        assert.ok(!strays(dayKey, id, other, days))
        assert.ok(!strays(dayKey, other, id, days))
      }),
      { numRuns: 2000 },
    )
  })

  it('would not, were ids not escaped', () => {
    const raw = (id: string, day: Day): string => `${id}_${day.replaceAll('-', '')}`
    assert.ok(strays(raw, 'A', 'A_20130102', ['2013-01-01', '2013-01-31', '2013-05-05']))
  })
})

describe('the scope of a row', () => {
  it('is the day of a day row, whatever the id', () => {
    fc.assert(fc.property(anyId, anyDay, (id, day) => assert.equal(scopeOf('song_event_log', dayKey(id, day)), day)))
  })

  it('is one for period and top lists, and none for look-up rows and strange keys', () => {
    assert.equal(scopeOf('period_log', periodKey('songs', 'TR1', 'total')), 'periods')
    assert.equal(
      scopeOf('top_log', topKey({ kind: 'songs', by: 'plays', period: 'total' }, '2026-01-31', 1)),
      'periods',
    )
    assert.equal(scopeOf('song_info', 'TR1_20260131'), undefined)
    assert.equal(scopeOf('hour_event_log', '~~~'), undefined)
  })
})

describe('search keys', () => {
  it('give back folded name and id', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), anyId, (name, id) => {
        assert.deepEqual(parseSearchKey(searchKey(name, id)), { name: foldName(name), id })
      }),
      { numRuns: 500 },
    )
    assert.equal(searchKey('The Black Crows', 'AR3424FLDJ93F3'), 'the black crows::AR3424FLDJ93F3')
  })

  it('differ for any two ids under any names', () => {
    fc.assert(
      fc.property(anyText, anyText, anyId, anyId, (a, b, id, other) => {
        if (id !== other) assert.notEqual(searchKey(a, id), searchKey(b, other))
      }),
    )
  })

  it('are found by the start of a name, in any case and spacing', () => {
    const key = searchKey('  Güero\t CANELO "Live" ', 'TR1')
    assert.equal(key, 'güero canelo "live"::TR1')
    for (const typed of ['G', 'gü', 'GÜERO', 'güero  canelo', 'Gu\u0308ero', 'Ｇüero']) {
      assert.ok(key.startsWith(foldName(typed)), typed)
    }
  })

  it('are well-formed text without control characters, whatever the name', () => {
    fc.assert(
      fc.property(anyUnits, (name) => {
        const folded = foldName(name)
        assert.ok(folded.isWellFormed() && !/\p{Cc}/u.test(folded) && folded.length <= 400)
      }),
    )
  })

  it('stand under each later word of a name, four words in all', () => {
    assert.deepEqual(searchNames('The Black Crows'), ['the black crows', 'black crows', 'crows'])
    assert.deepEqual(searchNames('a b c d e f'), ['a b c d e f', 'b c d e f', 'c d e f', 'd e f'])
    assert.deepEqual(searchNames(''), [''])
  })
})

describe('prefix scans', () => {
  it('take in every text that starts with the prefix, and no other', () => {
    // U+10FFFF is no character and ends the scan; names that hold it are found by what stands before it.
    const text = anyText.map((value) => value.replaceAll('\u{10ffff}', ''))
    fc.assert(
      fc.property(text, text, text, (prefix, rest, other) => {
        const within = (key: string): boolean => compare(prefix, key) <= 0 && compare(key, afterPrefix(prefix)) < 0
        assert.ok(within(prefix + rest))
        assert.equal(within(other), other.startsWith(prefix))
      }),
      { numRuns: 500 },
    )
  })
})

describe('period and top keys', () => {
  it('keep kinds, ids and periods apart', () => {
    const parts = fc.tuple(fc.constantFrom('songs', 'artists', 'albums'), anyId, fc.constantFrom('total', 'last-week'))
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = a.every((part, at) => part === b[at])
        assert.equal(periodKey(...a) === periodKey(...b), same)
      }),
    )
    assert.equal(periodKey('songs', 'TR_1', 'total'), 'songs.TR%5F1_total')
  })

  it('order a list by rank, under one prefix, and lists by day', () => {
    const list = { kind: 'songs', by: 'plays', period: 'last-7-days' }
    const keys = Array.from({ length: 1000 }, (_, at) => topKey(list, '2026-01-31', at + 1))
    assert.equal(keys[0], 'songs.plays.last-7-days_20260131_0001')
    assert.deepEqual([...keys].sort(compare), keys)
    assert.ok(keys.every((key) => key.startsWith(topPrefix(list, '2026-01-31'))))
    assert.ok(compare(topKey(list, '2026-01-31', 1000), topKey(list, '2026-02-01', 1)) < 0)
  })

  it('ends a prefix scan behind every text that starts with the prefix, even with the greatest character', () => {
    const least = (text: string): Buffer => Buffer.from(text)
    for (const prefix of ['a', 'fuzz ', 'x\u{10ffff}', '\ud7ff', 'ñ']) {
      const end = afterPrefix(prefix)
      for (const rest of ['', 'z', '\u{10ffff}', '\u{10ffff}\u{10ffff}::A']) {
        assert.ok(Buffer.compare(least(prefix + rest), least(end)) < 0, JSON.stringify(prefix + rest))
      }
    }
    assert.equal(afterPrefix('ab'), 'ac')
  })
})
