import { warehouseSuite } from '../../warehouse.suite.ts'
import { openHdfsRawStore } from '../hdfs/hdfs-raw-store.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { openHiveWarehouse } from './hive-warehouse.ts'

describeOnCluster('the Hive warehouse', (cluster) => {
  let shared: ReturnType<typeof cluster> | undefined
  warehouseSuite('Hive', async () => {
    shared ??= cluster()
    const config = await shared
    const raw = await openHdfsRawStore(config)
    return { warehouse: await openHiveWarehouse(config), write: (path, bytes) => raw.publish(path, bytes) }
  })
})
