import { rawStoreSuite } from '../../raw-store.suite.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { openHdfsRawStore } from './hdfs-raw-store.ts'

describeOnCluster('HDFS raw store', (cluster) => {
  rawStoreSuite('HDFS', async () => {
    const config = await cluster()
    const raw = await openHdfsRawStore(config)
    const opened = [raw]
    return {
      raw,
      reopen: async () => {
        const again = await openHdfsRawStore(config)
        opened.push(again)
        return again
      },
      cleanUp: async () => {
        for (const store of opened) await store.close()
      },
    }
  })
})
