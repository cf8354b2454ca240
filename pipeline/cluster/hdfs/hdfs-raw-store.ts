/**
 * The raw store in HDFS, under `/NAMESPACE/raw`.
 *
 * A file is written under a name that nobody else has, in a folder that no reader looks into; what arrived is held
 * against what was sent; then the file gets its own name by a rename that replaces nothing. So no datanode's death and
 * no broken connection can show half a file. Nothing is ever appended.
 *
 * A rename whose answer was lost may have been done, or may still be. What decides is therefore not the answer but the
 * place: after any failure the target is looked at, and if it holds our bytes they are published, whoever put them there.
 *
 * Durable means here: on the disks of every datanode that the block was written to (`create` asks for that flush), and
 * in the namenode's journal, which is flushed before it answers.
 */
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { MusicboxError } from '../../../datasets/failure.ts'
import { rawPathNames } from '../../raw-path.ts'
import type { RawStore } from '../../raw-store.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { persist } from '../persist.ts'
import { HdfsError, isMissing, mayPass } from './hdfs-error.ts'
import { failureOf } from './hdfs-failure.ts'
import { WebHdfsClient } from './webhdfs-client.ts'

export interface HdfsRawStoreOptions {
  /** How long an operation goes on while a server restarts. Default 60 s: a namenode with many blocks needs its time. */
  retry_ms?: number
  /** The same for opening, where a wrong address is more likely than a restart. Default 10 s. */
  open_ms?: number
  /** The longest silence before a call is given up and made again. Default 10 s. */
  timeout_ms?: number
  /** Milliseconds UTC. */
  now?: () => number
}

export type HdfsRawStore = RawStore & { close(): Promise<void> }

/** The store's own: names that start with a dot are never listed, and a warehouse reads `dt=` folders only. */
const UNFINISHED = '.unfinished'
/** Older than any attempt can be. */
const UNFINISHED_MS_MAX = 3_600_000

/**
 * Opens the store, makes its folder when missing, and sweeps what dead writers left unfinished. No manifest can name such
 * a file; and should its writer live after all, it finds its rename refused and writes again.
 * @throws MusicboxError `backend.unreachable`
 */
export async function openHdfsRawStore(
  config: ClusterConfig,
  { retry_ms = 60_000, open_ms = 10_000, timeout_ms = 10_000, now = Date.now }: HdfsRawStoreOptions = {},
): Promise<HdfsRawStore> {
  const { webhdfs: address, user } = config.hdfs
  const hdfs = new WebHdfsClient({ address, user, timeout_ms })
  const root = `/${config.namespace}/raw`
  try {
    await persist(() => sweep(hdfs, `${root}/${UNFINISHED}`, now() - UNFINISHED_MS_MAX), { retry_ms: open_ms, mayPass })
  } catch (error) {
    hdfs.close()
    throw failureOf(error, `could not open the raw store ${root}`)
  }
  return new WebHdfsRawStore(hdfs, root, retry_ms)
}

class WebHdfsRawStore implements HdfsRawStore {
  readonly #hdfs: WebHdfsClient
  readonly #root: string
  readonly #retry_ms: number
  /** Starts the names of unfinished files, so that no other writer has them. */
  readonly #writer = randomBytes(8).toString('hex')
  #unfinishedCount = 0
  /** Folders that were there when we last knew. */
  readonly #folders = new Set<string>()

  constructor(hdfs: WebHdfsClient, root: string, retry_ms: number) {
    this.#hdfs = hdfs
    this.#root = root
    this.#retry_ms = retry_ms
  }

  async publish(path: string, bytes: Uint8Array): Promise<void> {
    const target = this.#locate(path)
    // That an unfinished file or a folder is gone is no end here: the next attempt makes them anew.
    const again = (error: unknown): boolean => mayPass(error) || isMissing(error)
    await this.#persist(() => this.#tryToPublish(target, bytes, path), `publish ${path}`, again)
  }

  async read(path: string): Promise<Uint8Array> {
    const target = this.#locate(path)
    try {
      return await this.#persist(() => this.#hdfs.read(target), `read ${path}`)
    } catch (error) {
      if (!isMissing((error as Error).cause)) throw error
      throw new MusicboxError('not.found', `expected the raw file ${path}, but it is not there`)
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    const place = this.#locate(folder)
    return this.#persist(async () => {
      const names = (await presentIn(this.#hdfs, place)).map(({ pathSuffix }) => pathSuffix)
      // HDFS orders by bytes of UTF-8; here it is by UTF-16 units, as everywhere.
      return names.filter((name) => !name.startsWith('.')).sort()
    }, `list ${folder}`)
  }

  async remove(path: string): Promise<void> {
    const target = this.#locate(path)
    await this.#persist(() => this.#hdfs.delete(target), `remove ${path}`)
  }

  async close(): Promise<void> {
    this.#hdfs.close()
  }

  #locate(path: string): string {
    return [this.#root, ...rawPathNames(path)].join('/')
  }

  async #tryToPublish(target: string, bytes: Uint8Array, path: string): Promise<void> {
    const folder = posix.dirname(target)
    // A new name each time: what failed may still be writing under the old one.
    const unfinished = `${this.#root}/${UNFINISHED}/${this.#writer}-${this.#unfinishedCount++}`
    try {
      await this.#makeFolder(folder)
      await this.#hdfs.create(unfinished, bytes)
      await this.#expectWhole(unfinished, bytes)
      await this.#hdfs.rename(unfinished, target)
    } catch (error) {
      this.#folders.delete(folder)
      try {
        if (!(await this.#isPublished(target, bytes, path))) throw error
      } finally {
        // What cannot be removed now is swept later.
        await this.#hdfs.delete(unfinished).catch(() => {})
      }
    }
  }

  /**
   * Reads back what HDFS has and holds it against what was sent. For files of our size this costs less than
   * GETFILECHECKSUM, and needs no knowledge of chunks, blocks and erasure codes: WebHDFS answers with an MD5 of MD5s of
   * CRCs whatever `dfs.checksum.combine.mode` says.
   */
  async #expectWhole(unfinished: string, bytes: Uint8Array): Promise<void> {
    const there = await this.#hdfs.read(unfinished)
    if (there.equals(bytes)) return
    const detail = `expected ${bytes.length} bytes as they were sent, got ${there.length} that differ`
    throw new HdfsError(`CREATE ${unfinished}`, undefined, 'DamagedOnTheWay', detail)
  }

  /** @throws MusicboxError `writer.fenced` */
  async #isPublished(target: string, bytes: Uint8Array, path: string): Promise<boolean> {
    try {
      const { type } = await this.#hdfs.status(target)
      if (type === 'FILE' && (await this.#hdfs.read(target)).equals(bytes)) return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
    throw new MusicboxError(
      'writer.fenced',
      `expected to be the first to publish ${path}, but other bytes are there already`,
      'Another process writes to the same raw store; see that only one collector runs.',
    )
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    await this.#hdfs.mkdirs(folder)
    this.#folders.add(folder)
  }

  async #persist<T>(call: () => Promise<T>, what: string, again = mayPass): Promise<T> {
    try {
      return await persist(call, { retry_ms: this.#retry_ms, mayPass: again })
    } catch (error) {
      throw failureOf(error, `could not ${what}`)
    }
  }
}

/** What is in a folder; nothing when there is no such folder. */
async function presentIn(hdfs: WebHdfsClient, folder: string): ReturnType<WebHdfsClient['list']> {
  try {
    // A file, asked to list itself, gives itself without a name.
    return (await hdfs.list(folder)).filter(({ pathSuffix }) => pathSuffix !== '')
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function sweep(hdfs: WebHdfsClient, folder: string, before_ms: number): Promise<void> {
  await hdfs.mkdirs(folder)
  for (const { pathSuffix, modificationTime } of await presentIn(hdfs, folder)) {
    if (modificationTime < before_ms) await hdfs.delete(`${folder}/${pathSuffix}`)
  }
}
