/** The look-up data as rows of text, and the hash that names it. */
import { createHash } from 'node:crypto'
import { createGzip } from 'node:zlib'
import type { Artist, Song, User } from '../../../datasets/music.ts'
import { ChecksumSum } from '../../checksum.ts'
import { DIMENSION_NAMES, type DimensionName } from './hive-tables.ts'
import { textRow } from './hive-text.ts'
import { compareText } from './text-order.ts'

export interface Dimensions {
  songs: Iterable<Song>
  artists: Iterable<Artist>
  users: Iterable<User>
}

type Row = readonly (string | null)[]

/**
 * The rows of each look-up table. Of rows with one id the first wins. Artists are called as their own list says, else as
 * the song with the least id does; so are albums. Read once, in the order of the tables.
 */
export function* dimensionRows({ songs, artists, users }: Dimensions): Generator<[table: DimensionName, row: Row]> {
  const callers = { artists: new Map<string, Named>(), albums: new Map<string, Named>() }
  for (const song of distinct(songs, 'track_id')) {
    const { track_id, title, artist_id, artist_name, album_id, release, genre } = song
    yield ['songs', [track_id, textOf(artist_id), textOf(album_id), textOf(genre)]]
    yield ['names', ['songs', track_id, title ?? null, artist_name ?? null]]
    keepLeast(callers.artists, artist_id, { track_id, name: artist_name ?? null, artist_name: null })
    keepLeast(callers.albums, album_id, { track_id, name: release ?? null, artist_name: artist_name ?? null })
  }
  for (const { artist_id, artist_name } of distinct(artists, 'artist_id')) {
    yield ['names', ['artists', artist_id, artist_name ?? callers.artists.get(artist_id)?.name ?? null, null]]
    callers.artists.delete(artist_id)
  }
  for (const [kind, named] of Object.entries(callers)) {
    for (const [id, { name, artist_name }] of named) yield ['names', [kind, id, name, artist_name]]
  }
  for (const { uid, zip } of distinct(users, 'uid')) {
    yield ['users', [uid, textOf([...(zip ?? '')].slice(0, 3).join(''))]]
  }
}

/** The compressed text of each table, and the hash of the rows, whatever their order. */
export async function packDimensions(
  dimensions: Dimensions,
): Promise<{ hash: string; files: Record<DimensionName, Buffer> }> {
  const packers = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, new Packer()])) as Record<
    DimensionName,
    Packer
  >
  for (const [table, row] of dimensionRows(dimensions)) {
    const full = packers[table].add(textRow(row))
    if (full) await full
  }
  const digest = createHash('sha256')
  const files = {} as Record<DimensionName, Buffer>
  for (const name of DIMENSION_NAMES) {
    digest.update(`${name} ${packers[name].count} ${packers[name].sum.total()}\n`)
    files[name] = await packers[name].finish()
  }
  return { hash: digest.digest('hex').slice(0, 32), files }
}

interface Named {
  track_id: string
  name: string | null
  artist_name: string | null
}

function keepLeast(named: Map<string, Named>, id: string | null | undefined, candidate: Named): void {
  if (id === null || id === undefined) return
  const present = named.get(id)
  if (!present || compareText(candidate.track_id, present.track_id) < 0) named.set(id, candidate)
}

function* distinct<T extends Record<K, string>, K extends string>(rows: Iterable<T>, id: K): Generator<T> {
  const seen = new Set<string>()
  for (const row of rows) {
    if (seen.has(row[id])) continue
    seen.add(row[id])
    yield row
  }
}

/** What an id or genre says; an empty one says nothing. */
function textOf(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text
}

/** Compresses rows as they come, a piece of text at a time. */
class Packer {
  readonly sum = new ChecksumSum()
  count = 0
  readonly #gzip = createGzip()
  readonly #packed: Buffer[] = []
  readonly #ended: Promise<unknown>
  #text = ''

  constructor() {
    this.#gzip.on('data', (bytes: Buffer) => this.#packed.push(bytes))
    this.#ended = new Promise((resolve, reject) => this.#gzip.on('end', resolve).on('error', reject))
  }

  /** @returns what to wait for before more is added, when there is enough */
  add(row: string): Promise<unknown> | undefined {
    this.count++
    this.sum.add(row)
    this.#text += row
    if (this.#text.length < PIECE_LENGTH) return undefined
    const text = this.#text
    this.#text = ''
    return new Promise((resolve, reject) => {
      this.#gzip.write(text, (error) => (error ? reject(error) : resolve(undefined)))
    })
  }

  async finish(): Promise<Buffer> {
    this.#gzip.end(this.#text)
    await this.#ended
    return Buffer.concat(this.#packed)
  }
}

const PIECE_LENGTH = 1 << 20
