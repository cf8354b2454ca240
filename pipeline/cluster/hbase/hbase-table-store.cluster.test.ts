import { after } from 'node:test'
import { tableStoreSuite } from '../../table-store.suite.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { openHbaseTableStore } from './hbase-table-store.ts'
import { dropHbaseTables } from './make-tables.ts'

describeOnCluster('the HBase table store', (cluster) => {
  let config: ClusterConfig | undefined
  const found = async (): Promise<ClusterConfig> => {
    config ??= await cluster()
    return config
  }
  after(async () => {
    if (config) await dropHbaseTables(config)
  })

  tableStoreSuite('HBase', async () => openHbaseTableStore(await found()))
})
