/**
 * The event log on LMDB: one file that several processes may write and read at once.
 *
 * An append waits for the commit that is under way and then shares the next one with whatever else has come by then
 * (group commit), so that one listener waits for one disk flush and a thousand listeners wait for the same one. Commits
 * are synchronous: LMDB's overlapping flush would let the collector read events that a power cut can still take back.
 * Offsets and ids are settled inside the write transaction, of which LMDB lets one run at a time over all processes.
 *
 * Events of one commit and partition are stored together, as one value of lines under [partition, first offset].
 */
import { type Database, open, type RootDatabase, type RootDatabaseOptions } from 'lmdb'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Appended, checkEntry, type EventLog, type LogEntry, type StoredLine } from '../event-log.ts'
import { partitionOf } from '../partition.ts'
import { EidIndex, type IndexMark } from './eid-index.ts'

export interface LmdbEventLogOptions {
  /** Partitions of a new log; an existing one keeps its own. Default 4. */
  partitionCount?: number
  /** Events in one commit, at most (a larger append still is one commit). Default 16,384: about 100 ms. */
  groupEventsMax?: number
  /** Ids that wait in memory for their place in the B-tree; see `eid-index.ts`. Default 262,144: about 40 MB. */
  waitingIdsMax?: number
}

const FORM_VERSION = 1
const PARTITIONS_MAX = 1024
/** Above every offset, below 2^53 together with the partition. */
const PLACE_RADIX = 2 ** 40
/** Bounds what must be decoded to read from the middle of a block. */
const BLOCK_LINES_MAX = 1024
/** Virtual, not on disk: with room to grow LMDB need not move its map under readers. Windows would allocate it. */
const MAP_BYTES = process.platform === 'win32' ? undefined : 2 ** 36

interface Form {
  version: number
  partitionCount: number
}

interface State extends IndexMark {
  ends: number[]
}

/**
 * Opens the log in a folder, making both when missing.
 * @throws MusicboxError `input.invalid` when the log has another partition count than asked for; `backend.unreachable`
 *   when the folder cannot be opened; `data.corrupt` when it holds another form of log.
 */
export async function openLmdbEventLog(folder: string, options: LmdbEventLogOptions = {}): Promise<EventLog> {
  const root = openRoot(folder)
  try {
    const { partitionCount } = settleForm(root, folder, options.partitionCount)
    return new LmdbEventLog(root, folder, partitionCount, options)
  } catch (error) {
    await root.close()
    throw error instanceof MusicboxError ? error : failureOf(error, folder)
  }
}

class LmdbEventLog implements EventLog {
  readonly partitionCount: number
  readonly #folder: string
  readonly #root: RootDatabase
  /** By [partition, first offset]. */
  readonly #lines: Database<string, number[]>
  readonly #index: EidIndex
  readonly #groupEventsMax: number
  readonly #queue: Waiting[] = []
  #committing: Promise<void> | undefined
  #closed = false

  constructor(root: RootDatabase, folder: string, partitionCount: number, options: LmdbEventLogOptions) {
    this.partitionCount = partitionCount
    this.#folder = folder
    this.#root = root
    this.#lines = root.openDB({ name: 'lines', encoding: 'string' })
    this.#index = new EidIndex(root, options.waitingIdsMax ?? 262_144)
    this.#groupEventsMax = options.groupEventsMax ?? 16_384
  }

  async append(entries: readonly LogEntry[]): Promise<readonly Appended[]> {
    this.#mustBeOpen()
    for (const entry of entries) checkEntry(entry)
    if (entries.length === 0) return []
    return new Promise((resolve, reject) => {
      this.#queue.push({ entries, resolve, reject })
      this.#committing ??= this.#commitAll()
    })
  }

  async read(partition: number, from: number, max: number): Promise<readonly StoredLine[]> {
    this.#mustBeOpen()
    const found: StoredLine[] = []
    // Another process may have written since this turn's read transaction began.
    this.#root.resetReadTxn()
    const [start] = this.#lines.getKeys({
      start: [partition, from],
      end: [partition],
      reverse: true,
      limit: 1,
    })
    if (!start || max <= 0) return found
    for (const { key, value } of this.#lines.getRange({ start, end: [partition + 1] })) {
      const lines = value.split('\n')
      const first = key[1]!
      for (let at = Math.max(0, from - first); at < lines.length; at++) {
        if (found.length === max) return found
        found.push({ offset: first + at, line: lines[at]! })
      }
      if (found.length === max) return found
    }
    return found
  }

  async ends(): Promise<readonly number[]> {
    this.#mustBeOpen()
    this.#root.resetReadTxn()
    return this.#state().ends
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#committing
    await this.#root.close()
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new MusicboxError('backend.unreachable', `the event log in ${this.#folder} is closed`)
  }

  async #commitAll(): Promise<void> {
    // One turn later, so that all appends of this turn share the first commit.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const group = takeGroup(this.#queue, this.#groupEventsMax)
      try {
        // A child transaction, because LMDB's outer one would commit what was written before an exception.
        const outcomes = await this.#root.childTransaction(() => this.#write(group))
        group.forEach(({ resolve }, at) => void resolve(outcomes[at]!))
      } catch (error) {
        // The promise that lmdb hangs on its error is rejected as well, and would end the process if left alone.
        const cause = await (error as { commitError?: Promise<never> }).commitError?.catch((reason) => reason)
        this.#index.forget()
        const failure = failureOf(cause ?? error, this.#folder)
        for (const { reject } of group) reject(failure)
      }
    }
    this.#committing = undefined
  }

  #write(group: readonly Waiting[]): Appended[][] {
    const state = this.#state()
    this.#index.begin(state)
    const begin = [...state.ends]
    const added: string[][] = begin.map(() => [])
    const outcomes = group.map(({ entries }) =>
      entries.map(({ eid, key, line }): Appended => {
        const known = this.#index.find(eid)
        if (known !== undefined) return { state: 'duplicate', position: positionOf(known) }
        const partition = partitionOf(key, this.partitionCount)
        const offset = state.ends[partition]!++
        this.#index.add(eid, partition * PLACE_RADIX + offset)
        added[partition]!.push(line)
        return { state: 'stored', position: { partition, offset } }
      }),
    )
    if (added.every((lines) => lines.length === 0)) return outcomes
    added.forEach((lines, partition) => {
      for (let at = 0; at < lines.length; at += BLOCK_LINES_MAX) {
        const block = lines.slice(at, at + BLOCK_LINES_MAX).join('\n')
        this.#lines.putSync([partition, begin[partition]! + at], block)
      }
    })
    this.#root.putSync('state', { ...this.#index.finish(), ends: state.ends } satisfies State)
    return outcomes
  }

  #state(): State {
    return (
      (this.#root.get('state') as State | undefined) ?? {
        commit: 0,
        swept: 0,
        ends: new Array<number>(this.partitionCount).fill(0),
      }
    )
  }
}

interface Waiting {
  entries: readonly LogEntry[]
  resolve: (outcomes: readonly Appended[]) => void
  reject: (error: MusicboxError) => void
}

/** Takes appends from the front of the queue until their events fill a commit; one at least. */
function takeGroup(queue: Waiting[], eventsMax: number): Waiting[] {
  let count = 0
  let events = 0
  while (count < queue.length && (count === 0 || events + queue[count]!.entries.length <= eventsMax)) {
    events += queue[count]!.entries.length
    count++
  }
  return queue.splice(0, count)
}

function positionOf(place: number): { partition: number; offset: number } {
  const partition = Math.floor(place / PLACE_RADIX)
  return { partition, offset: place - partition * PLACE_RADIX }
}

function openRoot(folder: string): RootDatabase {
  try {
    return open({
      path: folder,
      // A folder named like a file (`log.v2`) is still a folder.
      noSubdir: false,
      encoding: 'json',
      maxDbs: 4,
      overlappingSync: false,
      // With batching on, lmdb makes a promise of its own for each commit, whose rejection nobody could catch.
      eventTurnBatching: false,
      ...(MAP_BYTES && { mapSize: MAP_BYTES }),
    } as RootDatabaseOptions & { path: string })
  } catch (error) {
    throw failureOf(error, folder)
  }
}

/** Reads the log's form, or writes it for a new log. One transaction, so that two processes agree. */
function settleForm(root: RootDatabase, folder: string, asked: number | undefined): Form {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1 && asked <= PARTITIONS_MAX)) {
    throw new MusicboxError('input.invalid', `expected a partition count from 1 to ${PARTITIONS_MAX}, got ${asked}`)
  }
  const form = root.transactionSync((): Form => {
    const found = root.get('form') as Form | undefined
    if (found) return found
    const made: Form = { version: FORM_VERSION, partitionCount: asked ?? 4 }
    root.putSync('form', made)
    return made
  })
  if (form.version !== FORM_VERSION) {
    throw new MusicboxError(
      'data.corrupt',
      `expected an event log of form ${FORM_VERSION} in ${folder}, got form ${form.version}`,
      'Use the version of MusicBox that wrote it.',
    )
  }
  if (asked !== undefined && asked !== form.partitionCount) {
    throw new MusicboxError(
      'input.invalid',
      `expected the event log in ${folder} to have ${asked} partitions, but it was made with ${form.partitionCount}`,
      `Ask for ${form.partitionCount}, or start a new log in another folder: keys would move between partitions.`,
    )
  }
  return form
}

/** LMDB answers a short write, which is what a full disk gives it, with EIO. */
const NO_ROOM_CODES: readonly unknown[] = [5, 27, 28, 122, 'EIO', 'EFBIG', 'ENOSPC', 'EDQUOT', -30792]

function failureOf(error: unknown, folder: string): MusicboxError {
  const { code, message } = error as { code?: unknown; message: string }
  if (NO_ROOM_CODES.includes(code) || /MDB_MAP_FULL|no space left|file too large/i.test(message)) {
    return new MusicboxError(
      'backend.full',
      `the event log in ${folder} could not be written: ${message}`,
      'Free disk space (or raise the quota); nothing of this append was acknowledged, so send it again.',
      { cause: error },
    )
  }
  return new MusicboxError(
    'backend.unreachable',
    `the event log in ${folder} did not work: ${message}`,
    'Check that the folder exists, may be written to, and is on a local disk.',
    { cause: error },
  )
}
