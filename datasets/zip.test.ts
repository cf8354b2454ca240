import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { drawsAt, type Key } from './random.ts'
import { installedZipcodes, RESIDENTS_2020, type ZipCode, zipSource } from './zip.build.ts'
import { placeOf, ZIP_AREAS, zip3Of, zipAreaAt, zipAt } from './zip.ts'

const seed: Key = [3, 1, 4, 1]
const { codes, licence } = installedZipcodes()
const known = new Map(codes.map((code) => [code.zip, code]))
const areaOf = (zip3: string): number => ZIP_AREAS.findIndex((area) => area.zip3 === zip3)

describe('zip areas', () => {
  it('are what their builder makes of the installed codes', () => {
    const written = readFileSync(new URL('./zip.generated.ts', import.meta.url), 'utf8')
    assert.equal(zipSource(codes, licence), written)
  })

  it('are sorted, distinct, and cover the 50 states and the District of Columbia', () => {
    const digits = ZIP_AREAS.map((area) => area.zip3)
    assert.deepEqual(digits, [...new Set(digits)].sort())
    assert.ok(digits.every((zip3) => /^\d{3}$/.test(zip3)))
    assert.equal(new Set(ZIP_AREAS.map((area) => area.state)).size, 51)
  })

  it('add up to the census of each state, and to that of the country', () => {
    const sums: Record<string, number> = {}
    for (const { state, population } of ZIP_AREAS) sums[state] = (sums[state] ?? 0) + population
    assert.deepEqual(
      Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)),
      Object.entries(RESIDENTS_2020),
    )
    // The total that the Census Bureau published: a digit mistyped for any state would show here.
    assert.equal(
      ZIP_AREAS.reduce((sum, { population }) => sum + population, 0),
      331_449_281,
    )
    assert.ok(ZIP_AREAS.every(({ population }) => population > 0))
  })

  it('lie where their towns are', () => {
    const near = (zip3: string, latitude: number, longitude: number): void => {
      const area = ZIP_AREAS[areaOf(zip3)]!
      const degrees = Math.hypot(area.latitude - latitude, area.longitude - longitude)
      assert.ok(degrees < 0.5, `${zip3} is ${degrees} degrees off`)
    }
    near('871', 35.08, -106.65) // Albuquerque
    near('606', 41.88, -87.63) // Chicago
    near('968', 21.31, -157.86) // Honolulu
    near('998', 58.3, -134.4) // Juneau
    assert.equal(placeOf(areaOf('871')), 'Albuquerque, NM')
  })

  it('leave out military post offices, territories and codes without a position', () => {
    for (const zip3 of ['340', '962', '090', '006', '008', '969']) assert.equal(areaOf(zip3), -1, zip3)
    const given = Array.from({ length: 2000 }, (_, i) => zipAt(areaOf('102'), drawsAt(seed, 1, i)))
    assert.ok(given.includes('10203') && !given.includes('10200'))
    assert.ok(ZIP_AREAS.every(({ latitude, longitude }) => latitude > 18 && longitude < -66))
  })

  it('give every code of an area, real ones only', () => {
    const area = areaOf('871')
    const given = new Set(Array.from({ length: 2000 }, (_, i) => zipAt(area, drawsAt(seed, 1, i))))
    const real = codes.filter(({ zip, country }) => country === 'US' && zip.startsWith('871')).map(({ zip }) => zip)
    assert.deepEqual([...given].sort(), real.sort())
    for (let i = 0; i < ZIP_AREAS.length; i++) {
      const zip = zipAt(i, drawsAt(seed, 2, i))
      assert.equal(zip3Of(zip), ZIP_AREAS[i]!.zip3)
      assert.equal(known.get(zip)?.country, 'US')
    }
  })

  it('come as often as people live in them', () => {
    const draws = drawsAt(seed, 3, 0)
    const people = 100_000
    const counts: Record<string, number> = {}
    for (let i = 0; i < people; i++) {
      const { state } = ZIP_AREAS[zipAreaAt(draws)]!
      counts[state] = (counts[state] ?? 0) + 1
    }
    assert.ok(chiSquare(counts, RESIDENTS_2020) < 105, 'a fair pick')
    // Were it no check, a country in which Texans and Wyomingites change places would pass too.
    const { TX, WY } = RESIDENTS_2020
    assert.ok(chiSquare(counts, { ...RESIDENTS_2020, TX: WY!, WY: TX! }) > 1000, 'a wrong census')
  })

  it('hold exactly their residents: the first of an area is in it, the last too, the next is not', () => {
    const areaOfResident = (resident: number): number =>
      zipAreaAt({ below: () => resident, u32: () => resident, unit: () => 0 })
    let residents = 0
    for (const [index, { population }] of ZIP_AREAS.entries()) {
      assert.equal(areaOfResident(residents), index)
      residents += population
      assert.equal(areaOfResident(residents - 1), index)
    }
  })

  it('refuse an area that is not there', () => {
    for (const index of [-1, ZIP_AREAS.length, 0.5, Number.NaN]) {
      assert.throws(() => zipAt(index, drawsAt(seed, 1, 0)), RangeError)
      assert.throws(() => placeOf(index), /expected a zip area from 0 to/)
    }
  })

  it('are read off ZIP and ZIP+4 codes, and off nothing else', () => {
    assert.equal(zip3Of('01002'), '010')
    assert.equal(zip3Of('87101-1234'), '871')
    for (const text of ['', '1234', '123456', 'ABCDE', '87101-12', ' 87101']) assert.equal(zip3Of(text), '')
  })
})

describe('the builder of zip areas', () => {
  const code = (zip: string, state: string, latitude = 40, longitude = -90, city = 'Oldria'): ZipCode => ({
    zip,
    state,
    latitude,
    longitude,
    city,
    country: 'US',
  })
  const rows = (codes: ZipCode[]): string[] => zipSource(codes, 'LICENCE').match(/(?<=^ {2}')[^']+/gm) ?? []

  it('gives an area to the state of most codes, and shares out people by codes to the last one', () => {
    const [first, second] = rows([
      code('00101', 'WY', 41, -105),
      code('00102', 'WY', 43, -107),
      code('00103', 'CO', 42, -106),
      code('00201', 'WY', 44, -110),
    ])
    assert.equal(first, '001|WY|42.00|-106.00|432638|Oldria|010203')
    assert.equal(second, '002|WY|44.00|-110.00|144213|Oldria|01')
  })

  it('drops what has no place: abroad, at sea, without a state', () => {
    assert.deepEqual(
      rows([code('10200', 'NY', 40.77, 73.95), code('34001', 'AA'), code('96898', 'HI', 19.3, 166.6)]),
      [],
    )
  })
})

/** 51 states leave 50 degrees of freedom: mean 50, standard deviation 10. */
function chiSquare(counts: Readonly<Record<string, number>>, shares: Readonly<Record<string, number>>): number {
  const drawn = Object.values(counts).reduce((sum, n) => sum + n, 0)
  const total = Object.values(shares).reduce((sum, n) => sum + n, 0)
  return Object.entries(shares).reduce((sum, [name, share]) => {
    const expected = (share / total) * drawn
    return sum + ((counts[name] ?? 0) - expected) ** 2 / expected
  }, 0)
}
