/** `musicbox import`: events from files, the seed's own lines among them; and users from its CSV. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import type { Command } from 'commander'
import { command, type StoreChoice } from '../datasets/command.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { formatCount, type Host, printJson, progress } from '../datasets/host.ts'
import type { User } from '../datasets/music.ts'
import { cachedArtistOf } from './artist-lookup.ts'
import { type Backend, openBackend } from './backend.ts'
import { refreshDimensions } from './dimensions.ts'
import { type ImportEventsResult, importEvents } from './import-events.ts'
import { type ImportMsdResult, storeMsd } from './import-msd.ts'
import { importUsers } from './import-users.ts'
import { lookupRows } from './lookup.ts'

interface ImportOptions extends StoreChoice {
  json?: boolean
  users?: boolean
  msd?: string
  rejects?: string
}

export function importCommand(host: Host): Command {
  return command(
    'import',
    'take in events (JSON objects, also the seed’s own lines), users (CSV) or a real catalogue',
    { stores: true },
  )
    .argument('[file]', 'the file; - for standard input')
    .option('--msd <folder>', 'real Million Song Dataset files instead: texts, databases or the 54-column table')
    .option(
      '--users',
      'the file is a CSV of users: uid,fname,lname,email,created,last_login,zip,birth,gender,active,ip',
    )
    .option('--rejects <file>', 'where what is refused goes, with its place and the reason (default: beside the file)')
    .action(async (given: string | undefined, options: ImportOptions) => {
      const file = given ?? options.msd
      if (file === undefined || (given !== undefined && options.msd !== undefined)) {
        throw new MusicboxError('input.invalid', 'expected a file, or a folder with --msd, and not both')
      }
      if (options.msd !== undefined && options.users) {
        throw new MusicboxError('input.invalid', 'expected --users or --msd: the data set has no users')
      }
      const rejects = new RejectFile(options.rejects ?? rejectsBeside(file))
      const backend = openBackend(options)
      try {
        const result =
          options.msd !== undefined
            ? await takeMsd(host, options.msd, backend, rejects)
            : options.users
              ? await takeUsers(host, file, backend, rejects)
              : await takeEvents(host, file, backend, rejects)
        const reject_file = await rejects.close()
        if (options.json) return printJson(host, { ...result, ...(reject_file && { reject_file }) })
        host.stdout.write(describeResult(result))
        if (reject_file) host.stdout.write(`refused: see ${reject_file}\n`)
      } finally {
        await rejects.close()
        await backend.close()
      }
    })
}

async function takeEvents(
  host: Host,
  file: string,
  backend: Backend,
  rejects: RejectFile,
): Promise<ImportEventsResult> {
  const total = file === '-' ? undefined : await sizeOf(file)
  using bar = progress(host, { label: 'import', unit: 'bytes', ...(total !== undefined && { total }) })
  return await importEvents({
    source: open(file),
    log: await backend.log(),
    artistOf: cachedArtistOf(await backend.tables()),
    rejects: (reject) => rejects.add(reject),
    onProgress: ({ bytes }) => bar.set(bytes),
    signal: host.signal,
  })
}

interface ImportUsersResult {
  users: number
  rejected: number
}

async function takeUsers(host: Host, file: string, backend: Backend, rejects: RejectFile): Promise<ImportUsersResult> {
  if (file !== '-') await sizeOf(file)
  const result: ImportUsersResult = { users: 0, rejected: 0 }
  const tables = await backend.tables()
  const source = importUsers({
    source: open(file),
    rejects: (reject) => {
      result.rejected++
      rejects.add(reject)
    },
    signal: host.signal,
  })
  using bar = progress(host, { label: 'import', unit: 'users' })
  let batch: User[] = []
  const store = async (): Promise<void> => {
    await tables.put(lookupRows({ songs: [], artists: [], users: batch }))
    result.users += batch.length
    bar.set(result.users)
    batch = []
  }
  for await (const user of source) {
    batch.push(user)
    if (batch.length === BATCH_USERS) await store()
  }
  await store()
  await refreshDimensions(tables, await backend.warehouse())
  return result
}

const BATCH_USERS = 5000

async function takeMsd(host: Host, folder: string, backend: Backend, rejects: RejectFile): Promise<ImportMsdResult> {
  const tables = await backend.tables()
  using bar = progress(host, { label: 'import', unit: 'rows' })
  const result = await storeMsd(tables, folder, {
    rejects: (reject) => rejects.add(reject),
    onStored: (count) => bar.set(count),
    signal: host.signal,
  })
  await refreshDimensions(tables, await backend.warehouse())
  return result
}

function rejectsBeside(file: string): string {
  // `folder/` and `folder` are one place, and what is refused goes beside it, not into it.
  return file === '-' ? 'rejects.ndjson' : `${file.replace(/(?<=.)\/+$/, '')}.rejects.ndjson`
}

/** Written from the first reject on: an import that refuses nothing leaves no file behind. */
class RejectFile {
  readonly #path: string
  #stream: ReturnType<typeof createWriteStream> | undefined

  constructor(path: string) {
    this.#path = path
  }

  add(reject: object): void {
    this.#stream ??= createWriteStream(this.#path)
    this.#stream.write(`${JSON.stringify(reject)}\n`)
  }

  /** @returns where the rejects are, if there are any */
  async close(): Promise<string | undefined> {
    if (!this.#stream) return undefined
    if (!this.#stream.writableEnded) this.#stream.end()
    await finished(this.#stream)
    return this.#path
  }
}

function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (cause) {
    throw new MusicboxError('not.found', `expected a file at ${file}, but it cannot be read`, 'check the path', {
      cause,
    })
  }
}

function describeResult(result: ImportEventsResult | ImportUsersResult | ImportMsdResult): string {
  if ('users' in result) return describeUsers(result)
  if (!('counts' in result)) return describeEvents(result)
  const { songs, artists, rejected, counts } = result
  const files = Object.entries(counts).map(
    ([file, { rows, refused }]) => `${file}: ${formatCount(rows)} rows taken, ${formatCount(refused)} refused\n`,
  )
  return (
    `${formatCount(songs)} songs and ${formatCount(artists)} artists stored, ` +
    `${formatCount(rejected)} rows refused\n${files.join('')}`
  )
}

function describeEvents(result: ImportEventsResult): string {
  const { objects, stored, duplicates, rejected, unknown_songs, unknown_song_events } = result
  return (
    `${formatCount(objects)} objects: ${formatCount(stored)} events stored, ` +
    `${formatCount(duplicates)} held already, ${formatCount(rejected)} pieces refused\n` +
    `${formatCount(unknown_songs)} songs are not in the catalogue (${formatCount(unknown_song_events)} events, kept)\n`
  )
}

function describeUsers({ users, rejected }: ImportUsersResult): string {
  return `${formatCount(users)} users stored, ${formatCount(rejected)} rows refused\n`
}
