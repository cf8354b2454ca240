/**
 * The look-up data in Hive: a text file for each table in a folder of its own, `dimensions/HASH.ATTEMPT`. The folder
 * `current` holds one empty folder, `SEQUENCE.HASH.ATTEMPT`, which says what is in force.
 */
import { ATTEMPT_MS_MAX, newAttempt } from './attempt.ts'
import { type Dimensions, packDimensions } from './dimension-rows.ts'
import type { HiveClient } from './hive-client.ts'
import { addPartition, DIMENSION_NAMES, type DimensionName, dropPartition } from './hive-tables.ts'
import type { WarehouseFolder } from './warehouse-folder.ts'

/** The version before there is any look-up data: no partition has this name. */
export const NO_DIMENSIONS = 'none'

export class HiveDimensions {
  readonly #hive: HiveClient
  readonly #folder: WarehouseFolder

  constructor(hive: HiveClient, folder: WarehouseFolder) {
    this.#hive = hive
    this.#folder = folder
  }

  /** The partition of each look-up table that is in force. */
  async version(): Promise<string> {
    return (await this.#inForce())?.version ?? NO_DIMENSIONS
  }

  async hash(): Promise<string> {
    return hashOf(await this.version())
  }

  /** Bytes of the tables that days are joined with; undefined where there are none. */
  async joinedBytes(version: string): Promise<number | undefined> {
    const [songs, users] = [
      await this.#folder.size(fileOf(version, 'songs')),
      await this.#folder.size(fileOf(version, 'users')),
    ]
    return songs === undefined || users === undefined ? undefined : songs + users
  }

  async replace(dimensions: Dimensions): Promise<void> {
    const { hash, files } = await packDimensions(dimensions)
    const present = await this.#inForce()
    if (present && hashOf(present.version) === hash) return
    const version = `${hash}.${newAttempt()}`
    for (const name of DIMENSION_NAMES) {
      const home = `${HOME}/${version}/${name}`
      await this.#folder.make(home)
      await this.#folder.write(fileOf(version, name), files[name])
      await this.#hive.query(addPartition(name, { version }, this.#folder.hivePath(home)))
    }
    const sequence = String((present?.sequence ?? 0) + 1).padStart(12, '0')
    await this.#folder.make(`${CURRENT}/${sequence}.${version}`)
    await this.#removeOthers()
  }

  async #inForce(): Promise<{ sequence: number; version: string } | undefined> {
    const name = (await this.#folder.list(CURRENT)).at(-1)?.name
    if (name === undefined) return undefined
    const at = name.indexOf('.')
    return { sequence: Number(name.slice(0, at)), version: name.slice(at + 1) }
  }

  /** Removes what was in force before, and what killed attempts left. */
  async #removeOthers(): Promise<void> {
    const entries = await this.#folder.list(CURRENT)
    const past = entries.slice(0, -1).map(({ name }) => name.slice(name.indexOf('.') + 1))
    for (const { name } of entries.slice(0, -1)) await this.#folder.remove(`${CURRENT}/${name}`)
    const inForce = entries.at(-1)?.name ?? ''
    for (const { name: version, modified_ms } of await this.#folder.list(HOME)) {
      if (inForce.endsWith(`.${version}`)) continue
      if (!past.includes(version) && Date.now() - modified_ms < ATTEMPT_MS_MAX) continue
      for (const name of DIMENSION_NAMES) await this.#hive.query(dropPartition(name, { version }))
      await this.#folder.remove(`${HOME}/${version}`)
    }
  }
}

const HOME = 'warehouse/dimensions'
const CURRENT = 'warehouse/current'

function fileOf(version: string, name: DimensionName): string {
  return `${HOME}/${version}/${name}/rows.gz`
}

function hashOf(version: string): string {
  return version.split('.')[0]!
}
