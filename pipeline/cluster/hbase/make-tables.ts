/** Makes the tables of a namespace at its first use, and drops them. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import type { HbaseClient } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'
import { Master } from './master.ts'
import { tablePlan } from './table-layout.ts'

/** @throws MusicboxError `not.found` when the tables must be there and are not; HbaseError */
export async function makeTables(client: HbaseClient, config: ClusterConfig, mustBeThere: boolean): Promise<void> {
  const { namespace } = config
  if (await isThere(client, `${namespace}:_published`)) return
  if (mustBeThere) {
    throw new MusicboxError(
      'not.found',
      `expected tables in HBase's namespace ${namespace}, found none`,
      'make a history first',
    )
  }
  await withMaster(config, async (master) => {
    await master.createNamespace(namespace)
    const plan = tablePlan()
    const last = plan.pop()!
    await Promise.all(plan.map(({ name, table }) => master.createTable(namespace, name, table)))
    // By this one others see that all are there.
    await master.createTable(namespace, last.name, last.table)
  })
}

/** Drops all tables of the namespace, and it. @throws HbaseError */
export async function dropHbaseTables(config: ClusterConfig): Promise<void> {
  const { namespace } = config
  await withMaster(config, async (master) => {
    const names = await master.tableNames(namespace).catch((error: unknown) => {
      if (error instanceof HbaseError && error.exception === 'NamespaceNotFoundException') return []
      throw error
    })
    await Promise.all(names.map((name) => master.deleteTable(namespace, name)))
    await master.deleteNamespace(namespace)
  })
}

async function isThere(client: HbaseClient, table: string): Promise<boolean> {
  try {
    await client.locate(table, Buffer.alloc(0))
    return true
  } catch (error) {
    if (error instanceof HbaseError && error.exception === 'TableNotFoundException') return false
    throw error
  }
}

async function withMaster(config: ClusterConfig, work: (master: Master) => Promise<void>): Promise<void> {
  const master = new Master(config.hbase)
  try {
    await work(master)
  } finally {
    await master.close()
  }
}
