import { warehouseSuite } from '../../warehouse.suite.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { openHdfsRawStore } from '../hdfs/hdfs-raw-store.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { openHiveWarehouse } from './hive-warehouse.ts'

describeOnCluster('the Hive warehouse', (cluster) => {
  let opening: Promise<ClusterConfig> | undefined
  warehouseSuite(
    'Hive',
    async () => {
      opening ??= cluster()
      const config = await opening
      const raw = await openHdfsRawStore(config)
      const warehouse = await openHiveWarehouse(config)
      const close = warehouse.close.bind(warehouse)
      warehouse.close = async () => {
        await close()
        await raw.close()
      }
      return { warehouse, write: (path, bytes) => raw.publish(path, bytes) }
    },
    { daysAsked: 2 },
  )
})
