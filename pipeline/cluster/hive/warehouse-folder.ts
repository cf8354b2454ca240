/**
 * The warehouse's folder in HDFS, beside the raw files: what Hive's tables are made of, and what is ready.
 *
 * What is ready is said by an empty folder whose name says it all: making a folder is one step of the namenode, so no
 * reader finds it half written, and making it twice is making it once.
 */
import type { ClusterConfig } from '../cluster-config.ts'
import { HdfsError, isMissing, mayPass } from '../hdfs/hdfs-error.ts'
import { failureOf } from '../hdfs/hdfs-failure.ts'
import { WebHdfsClient } from '../hdfs/webhdfs-client.ts'
import { persist } from '../persist.ts'

export interface WarehouseFolderOptions {
  /** How long a call goes on while the namenode restarts. Default 60 s. */
  retry_ms?: number
  /** The longest silence before a call is given up and made again. Default 10 s. */
  timeout_ms?: number
}

/** An entry of a folder. */
export interface Entry {
  name: string
  /** ms since 1970 UTC by the namenode's clock. */
  modified_ms: number
}

export class WarehouseFolder {
  readonly #hdfs: WebHdfsClient
  readonly #root: string
  readonly #fs: string
  readonly #retry_ms: number

  constructor({ hdfs, namespace }: ClusterConfig, options: WarehouseFolderOptions = {}) {
    const { retry_ms = 60_000, timeout_ms = 10_000 } = options
    this.#hdfs = new WebHdfsClient({ address: hdfs.webhdfs, user: hdfs.user, timeout_ms })
    this.#root = `/${namespace}`
    this.#fs = hdfs.fs
    this.#retry_ms = retry_ms
  }

  /** A path as Hive names it. */
  hivePath(path: string): string {
    return `${this.#fs}${this.#root}/${path}`
  }

  /** The inverse of {@link hivePath}. */
  pathOf(hivePath: string): string {
    return hivePath.slice(this.hivePath('').length)
  }

  /** Makes a folder, with those that it is in. */
  async make(path: string): Promise<void> {
    await this.#persist(() => this.#hdfs.mkdirs(this.#locate(path)), `make ${path}`)
  }

  /** What is in a folder, names ascending; nothing when it is missing. */
  async list(path: string): Promise<Entry[]> {
    const found = await this.#persist(() => this.#listed(path), `list ${path}`)
    return found
      .map(({ pathSuffix, modificationTime }) => ({ name: pathSuffix, modified_ms: modificationTime }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Writes a new file and looks whether it is whole: an upload that broke leaves one that is cut short. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const target = this.#locate(path)
    await this.#persist(async () => {
      await this.#hdfs.delete(target)
      await this.#hdfs.create(target, bytes)
      const { length } = await this.#hdfs.status(target)
      if (length === bytes.length) return
      throw new HdfsError(`CREATE ${target}`, undefined, 'CutShort', `expected ${bytes.length} bytes, got ${length}`)
    }, `write ${path}`)
  }

  /** @returns undefined when it is missing */
  async read(path: string): Promise<Buffer | undefined> {
    return this.#persist(async () => {
      try {
        return await this.#hdfs.read(this.#locate(path))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    }, `read ${path}`)
  }

  /** @returns bytes of a file; undefined when it is missing */
  async size(path: string): Promise<number | undefined> {
    return this.#persist(async () => {
      try {
        return (await this.#hdfs.status(this.#locate(path))).length
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    }, `look for ${path}`)
  }

  /** Removes a file, or a folder with all that is in it; what is missing is fine. */
  async remove(path: string): Promise<void> {
    await this.#persist(() => this.#remove(path), `remove ${path}`)
  }

  close(): void {
    this.#hdfs.close()
  }

  async #remove(path: string): Promise<void> {
    for (const { pathSuffix, type } of await this.#listed(path)) {
      const inside = `${path}/${pathSuffix}`
      if (type === 'DIRECTORY') await this.#remove(inside)
      else await this.#hdfs.delete(this.#locate(inside))
    }
    await this.#hdfs.delete(this.#locate(path))
  }

  async #listed(path: string): ReturnType<WebHdfsClient['list']> {
    try {
      // A file, asked to list itself, gives itself without a name.
      return (await this.#hdfs.list(this.#locate(path))).filter(({ pathSuffix }) => pathSuffix !== '')
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  #locate(path: string): string {
    return `${this.#root}/${path}`
  }

  async #persist<T>(call: () => Promise<T>, what: string): Promise<T> {
    try {
      return await persist(call, { retry_ms: this.#retry_ms, mayPass })
    } catch (error) {
      throw failureOf(error, `could not ${what}`)
    }
  }
}
