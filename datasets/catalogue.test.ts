import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import fc from 'fast-check'
import {
  artistAt,
  artistCount,
  artistIdAt,
  artistIndexOf,
  artistSongs,
  artists,
  type CatalogueSpec,
  columnsOf,
  genreOf,
  releaseOf,
  songAt,
  songIdAt,
  songs,
} from './catalogue.ts'
import { GENRES } from './catalogue-genre.ts'
import { MusicboxError } from './failure.ts'
import { type Artist, artistSchema, type Song, songSchema } from './music.ts'
import type { Key } from './random.ts'

const seed: Key = [0x13579bdf, 0x2468ace0, 0xdeadbeef, 42]
const small: CatalogueSpec = { seed, songCount: 10_000 }
const large: CatalogueSpec = { seed, songCount: 1_000_000 }
const smallSongs = [...songs(small)]
const smallArtists = [...artists(small)]
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const anySeed = fc.tuple(u32, u32, u32, u32) as fc.Arbitrary<Key>

/** What a catalogue is, in one line. */
function digest(list: Iterable<Song | Artist>): string {
  const hash = createHash('sha256')
  for (const entry of list) hash.update(`${JSON.stringify(entry)}\n`)
  return hash.digest('hex')
}

describe('the generated catalogue', () => {
  it('is the same for the same seed, today and in the next release', () => {
    // A change here changes every history ever made: it belongs into the changelog.
    assert.equal(digest(smallSongs), '0254d3ea545b2e8de89a377b0117784ce98612780e913e49ad653fad5e11d6f9')
    assert.equal(digest(smallArtists), '31a9274f2f7626f728482041f55e49ed380614a52e3dda8ffb7c4a6b2cd6224c')
  })

  it('is another one for another seed', () => {
    for (let word = 0; word < 4; word++) {
      const other = { seed: seed.map((bits, at) => (at === word ? bits ^ 1 : bits)) as unknown as Key, songCount: 100 }
      const ids = new Set(smallSongs.slice(0, 100).map((song) => song.track_id))
      assert.ok([...songs(other)].every((song) => !ids.has(song.track_id)))
      assert.notDeepEqual(
        [...songs(other)].map(({ title }) => title).sort(),
        smallSongs
          .slice(0, 100)
          .map(({ title }) => title)
          .sort(),
      )
    }
  })

  it('has songs and artists of the schema, with ids in the MSD’s form', () => {
    for (const song of smallSongs) {
      songSchema.parse(song)
      assert.match(song.track_id, /^TR[A-Z]{5}[0-9A-F]{11}$/)
      assert.match(song.song_id, /^SO[A-Z]{5}[0-9A-F]{11}$/)
      assert.match(song.album_id, /^AL[A-Z]{5}[0-9A-F]{11}$/)
      assert.match(song.artist_id, /^AR[A-Z]{5}[0-9A-F]{11}$/)
    }
    for (const artist of smallArtists) {
      artistSchema.parse(artist)
      assert.match(artist.location, /^.+, [A-Z]{2}$/)
    }
  })

  it('gives one song or artist alone as it stands in the whole', () => {
    fc.assert(
      fc.property(fc.nat(small.songCount - 1), (index) => {
        const song = smallSongs[index]!
        assert.deepEqual(songAt(small, index), song)
        assert.equal(songIdAt(small, index), song.track_id)
        const artist = artistIndexOf(small, index)
        assert.deepEqual(artistAt(small, artist), smallArtists[artist])
        assert.equal(artistIdAt(small, artist), song.artist_id)
        assert.equal(smallArtists[artist]!.artist_name, song.artist_name)
        assert.equal(genreOf(small, artist), song.genre)
        assert.equal(smallArtists[artist]!.terms[0]!.term, song.genre)
      }),
    )
  })

  it('begins with every shorter catalogue of its seed; only the last artist may grow', () => {
    const size = fc.integer({ min: 1, max: 300_000 })
    fc.assert(
      fc.property(anySeed, size, size, fc.nat(), (seed, a, b, pick) => {
        const shorter = { seed, songCount: Math.min(a, b) }
        const longer = { seed, songCount: Math.max(a, b) }
        const song = pick % shorter.songCount
        assert.deepEqual(songAt(longer, song), songAt(shorter, song))
        const count = artistCount(shorter)
        for (const artist of [pick % count, count - 1]) {
          assert.deepEqual(artistAt(longer, artist), artistAt(shorter, artist))
          const [less, more] = [artistSongs(shorter, artist), artistSongs(longer, artist)]
          assert.equal(less.first, more.first)
          if (artist < count - 1) assert.equal(less.count, more.count)
          else assert.ok(less.count <= more.count)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('cuts its songs into artists without gap or overlap, as a plain walk finds them', () => {
    const song = { next: 0 }
    for (let artist = 0; artist < artistCount(small); artist++) {
      const { first, count } = artistSongs(small, artist)
      assert.equal(first, song.next)
      assert.ok(count >= 1)
      for (; song.next < first + count; song.next++) assert.equal(artistIndexOf(small, song.next), artist)
    }
    assert.equal(song.next, small.songCount)
    assert.deepEqual([artistCount({ seed, songCount: 0 }), [...songs({ seed, songCount: 0 })]], [0, []])
  })

  it('has albums of 1 to 14 songs in a row, none older than the one before', () => {
    const albums = runsOf(smallSongs.map((song) => song.album_id))
    assert.equal(new Set(albums.map(({ value }) => value)).size, albums.length, 'an album in two places')
    assert.ok(albums.every(({ count }) => count >= 1 && count <= 14))
    assert.ok(new Set(albums.map(({ count }) => count)).size >= 12)
    for (const { first, count } of albums) {
      const [song, ...others] = smallSongs.slice(first, first + count)
      for (const other of others) {
        assert.deepEqual([other.artist_id, other.release, other.year], [song!.artist_id, song!.release, song!.year])
      }
    }
    for (const { first, count } of runsOf(smallSongs.map((song) => song.artist_id))) {
      const years = smallSongs.slice(first, first + count).flatMap(({ year }) => (year === 0 ? [] : [year]))
      assert.deepEqual(
        years,
        [...years].sort((a, b) => a - b),
      )
      assert.ok(years.every((year) => year >= 1900 && year <= 2025))
    }
  })

  it('knows when each song came out, also where the year is not told, and moves all years with the last one', () => {
    for (const [index, song] of smallSongs.entries()) {
      const release = releaseOf(small, index)
      assert.ok(song.year === 0 || song.year === release.year)
      assert.ok(release.dayOfYear >= 1 && release.dayOfYear <= 365 && release.year > 1950 && release.year <= 2025)
      const later = releaseOf({ ...small, lastYear: 2031 }, index)
      assert.deepEqual(later, { ...release, year: release.year + 6 })
      const before = index === 0 ? undefined : smallSongs[index - 1]!
      if (before?.album_id === song.album_id) assert.deepEqual(releaseOf(small, index - 1), release)
      else if (before?.artist_id === song.artist_id) {
        const { year, dayOfYear } = releaseOf(small, index - 1)
        assert.ok(year * 365 + dayOfYear <= release.year * 365 + release.dayOfYear)
      }
    }
    const newest = smallSongs.filter((_, index) => releaseOf(small, index).year === 2025).length
    assert.ok(newest > 250 && newest < 1_500, `${newest} songs of the last year`)
  })

  it('has rock of old and latin, country and world of late', () => {
    const { artistGenre, artistFirst, year } = columnsOf({ seed, songCount: 200_000 })
    const meanYear = (terms: readonly string[]): number => {
      let [sum, count] = [0, 0]
      artistGenre.forEach((genre, artist) => {
        if (!terms.includes(GENRES[genre]!.term)) return
        for (let song = artistFirst[artist]!; song < (artistFirst[artist + 1] ?? 200_000); song++) {
          sum += year[song]!
          count++
        }
      })
      return sum / count
    }
    const all = meanYear(GENRES.map(({ term }) => term))
    assert.ok(meanYear(['rock']) < all - 2)
    assert.ok(meanYear(['latin', 'country', 'world']) > all + 2)
  })

  it('is the same in columns', () => {
    const columns = columnsOf(small)
    for (const [index, song] of smallSongs.entries()) {
      assert.deepEqual({ year: columns.year[index], dayOfYear: columns.dayOfYear[index] }, releaseOf(small, index))
      assert.equal(columns.duration_ms[index], song.duration_ms)
      assert.equal(columns.energy[index], Math.round(255 * song.energy))
    }
    for (let artist = 0; artist < smallArtists.length; artist++) {
      assert.equal(columns.artistFirst[artist], artistSongs(small, artist).first)
      assert.equal(GENRES[columns.artistGenre[artist]!]!.term, genreOf(small, artist))
    }
    assert.equal(columns.artistFirst.length, smallArtists.length)
  })

  it('has many artists with few songs and few with many, 22 in the mean', () => {
    const sizes = Array.from({ length: artistCount(large) - 1 }, (_, artist) => artistSongs(large, artist).count)
    sizes.sort((a, b) => a - b)
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    assert.ok(mean > 21 && mean < 23, `mean ${mean}`)
    assert.ok(sizes[sizes.length >> 1]! <= 12, `median ${sizes[sizes.length >> 1]}`)
    assert.ok(sizes.at(-1)! >= 150, `largest ${sizes.at(-1)}`)
    // Skewed: the largest tenth has more than a third of all songs.
    const tenth = sizes.slice(Math.floor(sizes.length * 0.9)).reduce((sum, size) => sum + size, 0)
    assert.ok(tenth > (mean * sizes.length) / 3)
  })

  it('plays each genre as often as its share says', () => {
    const artistTotal = artistCount(large)
    const counts = new Map<string, number>()
    for (let artist = 0; artist < artistTotal; artist++) {
      const genre = genreOf(large, artist)
      counts.set(genre, (counts.get(genre) ?? 0) + 1)
    }
    assert.equal(
      GENRES.reduce((sum, { perMille }) => sum + perMille, 0),
      1000,
    )
    const chiSquare = (shares: readonly number[]): number =>
      GENRES.reduce((sum, { term }, at) => {
        const expected = (shares[at]! / 1000) * artistTotal
        return sum + ((counts.get(term) ?? 0) - expected) ** 2 / expected
      }, 0)
    // 23 degrees of freedom: mean 23, standard deviation 6.8.
    const shares = GENRES.map(({ perMille }) => perMille)
    assert.ok(chiSquare(shares) < 60, `chi-square ${chiSquare(shares)}`)
    // Two genres swapped that differ by a tenth must be seen.
    const swapped = shares.map((share, at) => (at === 0 ? share + 10 : at === 1 ? share - 10 : share))
    assert.ok(chiSquare(swapped) > 60, `swapped: chi-square ${chiSquare(swapped)}`)
  })

  it('has songs of plausible length, tempo and loudness', () => {
    const lengths = smallSongs.map((song) => song.duration_ms).sort((a, b) => a - b)
    const mean_s = lengths.reduce((sum, ms) => sum + ms, 0) / lengths.length / 1000
    assert.ok(mean_s > 222 && mean_s < 238, `mean ${mean_s} s`)
    assert.ok(lengths[0]! >= 30_000 && lengths.at(-1)! <= 730_000)
    assert.ok(new Set(smallSongs.map(({ key }) => key)).size === 12)
    assert.ok(smallSongs.every(({ tempo }) => tempo > 50 && tempo < 210))
    const energy = (genre: string): number => {
      const of = smallSongs.filter((song) => song.genre === genre)
      return of.reduce((sum, song) => sum + song.energy, 0) / of.length
    }
    assert.ok(energy('metal') > energy('pop') && energy('pop') > energy('classical'))
    assert.ok(smallSongs.filter(({ year }) => year === 0).length < 1000)
  })

  it('calls artists similar that come earlier, once each, and whose genre is among the artist’s terms', () => {
    const byId = new Map(smallArtists.map((artist, index) => [artist.artist_id, { artist, index }]))
    for (const [index, { similar, terms }] of smallArtists.entries()) {
      assert.equal(new Set(similar).size, similar.length)
      const weights = similar.map((id) => {
        const other = byId.get(id)!
        assert.ok(other.index < index)
        return terms.find(({ term }) => term === other.artist.terms[0]!.term)!.weight
      })
      assert.deepEqual(
        weights,
        [...weights].sort((a, b) => b - a),
        'most similar first',
      )
    }
    const later = smallArtists.slice(100)
    assert.ok(later.filter(({ similar }) => similar.length > 0).length > 0.95 * later.length)
  })

  it('has terms that fall in weight from 1 and name a genre once', () => {
    for (const { terms } of smallArtists) {
      assert.equal(terms[0]!.weight, 1)
      assert.equal(new Set(terms.map(({ term }) => term)).size, terms.length)
      assert.ok(terms.every(({ weight }, at) => at === 0 || weight < terms[at - 1]!.weight))
    }
  })

  it('makes known artists hot, but not all of them', () => {
    const correlation = correlationOf(smallArtists.map(({ familiarity, hotttnesss }) => [familiarity, hotttnesss]))
    assert.ok(correlation > 0.5 && correlation < 0.99, `correlation ${correlation}`)
  })

  it('refuses an index that is not there and a size that cannot be', () => {
    for (const index of [-1, 10_000, 1.5, Number.NaN]) {
      assert.throws(() => songAt(small, index), /expected song index to be a whole number from 0 to 9999, got/)
      assert.throws(() => songIdAt(small, index), RangeError)
      assert.throws(() => artistIndexOf(small, index), RangeError)
      assert.throws(() => artistAt(small, index), RangeError)
      assert.throws(() => artistSongs(small, index), RangeError)
      assert.throws(() => artistIdAt(small, index), RangeError)
      assert.throws(() => genreOf(small, index), RangeError)
    }
    for (const songCount of [-1, 1.5, Number.NaN, 10_000_001]) {
      assert.throws(
        () => [...songs({ seed, songCount })],
        (error) => error instanceof MusicboxError && error.code === 'input.invalid' && /got/.test(error.message),
      )
    }
  })
})

describe('the catalogue in another engine', () => {
  /** Things that k6's engine lacks, or that may differ between engines. */
  const WITHOUT = `
    for (const name of ['Date', 'Intl', 'WebAssembly', 'SharedArrayBuffer']) delete globalThis[name]
    for (const name of Object.getOwnPropertyNames(Math)) {
      if (!['floor', 'imul', 'max', 'min', 'round', 'sqrt'].includes(name)) delete Math[name]
    }
    delete String.prototype.replaceAll
    delete String.prototype.localeCompare
    delete String.prototype.toLocaleLowerCase
    delete Array.prototype.at
    delete Array.prototype.toSorted
    delete Object.groupBy
  `
  const inBareEngine = async (program: string): Promise<string> => {
    const bundle = await build({
      stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'program',
      target: 'es2017',
      platform: 'neutral',
      // Nothing from a package, nothing from Node, no JSON: an import of one would fail here.
      packages: 'external',
      logLevel: 'silent',
    })
    const context = createContext({})
    runInContext(WITHOUT, context)
    runInContext(bundle.outputFiles[0]!.text, context)
    return runInContext('program.result', context) as string
  }

  it('is the same to the last bit, with no package, no Node, no clock, no locale and no Math.exp', async () => {
    const result = await inBareEngine(`
      import { songs, artists } from './catalogue.ts'
      const spec = { seed: ${JSON.stringify(seed)}, songCount: 3000 }
      export const result = JSON.stringify([[...songs(spec)], [...artists(spec)]])
    `)
    const spec = { seed, songCount: 3000 }
    assert.ok(result === JSON.stringify([[...songs(spec)], [...artists(spec)]]), 'another engine, another catalogue')
  })

  it('would fail on a package, on Node, on a clock and on Math.exp', async () => {
    for (const program of [
      `import { z } from 'zod'; export const result = String(z)`,
      `import { hostname } from 'node:os'; export const result = hostname()`,
      `export const result = String(Date.now())`,
      `export const result = String(Math.exp(1))`,
    ]) {
      await assert.rejects(inBareEngine(program), program)
    }
  })
})

/** Where equal values stand in a row. */
function runsOf(values: readonly string[]): { value: string; first: number; count: number }[] {
  const runs: { value: string; first: number; count: number }[] = []
  for (const [at, value] of values.entries()) {
    const last = runs.at(-1)
    if (last?.value === value) last.count++
    else runs.push({ value, first: at, count: 1 })
  }
  return runs
}

/** Pearson's. */
function correlationOf(pairs: readonly (readonly [number, number])[]): number {
  const mean = (pick: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + pick(pair), 0) / pairs.length
  const [x, y] = [mean(([a]) => a), mean(([, b]) => b)]
  const covariance = mean(([a, b]) => (a - x) * (b - y))
  return covariance / Math.sqrt(mean(([a]) => (a - x) ** 2) * mean(([, b]) => (b - y) ** 2))
}
