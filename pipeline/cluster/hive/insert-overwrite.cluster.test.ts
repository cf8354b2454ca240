/** What INSERT OVERWRITE does in Hive, on plain tables: why each load has a static partition of its own. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openHdfsRawStore } from '../hdfs/hdfs-raw-store.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { HiveClient } from './hive-client.ts'

describeOnCluster('INSERT OVERWRITE', (cluster) => {
  let hive: HiveClient
  let database: string
  let put: (path: string, text: string) => Promise<void>
  let folder: string

  const counts = async (): Promise<unknown[][]> =>
    await hive.query(`SELECT dt, sum(plays) FROM ${database}.days GROUP BY dt ORDER BY dt`)

  before(async () => {
    const config = await cluster()
    database = config.namespace
    // Where the raw store of this namespace puts its files, so that it can plant one.
    folder = `${config.hdfs.fs}/${config.namespace}/raw`
    const raw = await openHdfsRawStore(config)
    put = async (path, text) => await raw.publish(path, Buffer.from(text))
    hive = new HiveClient({ address: config.hive.hiveserver2, user: config.hive.user })
    await hive.query(`CREATE DATABASE ${database}`)
    await hive.query(
      `CREATE EXTERNAL TABLE ${database}.days (plays INT) PARTITIONED BY (dt STRING)
        ROW FORMAT DELIMITED STORED AS TEXTFILE LOCATION '${folder}/days'`,
    )
    for (const day of ['2026-01-01', '2026-01-02']) {
      await hive.query(`INSERT OVERWRITE TABLE ${database}.days PARTITION (dt = '${day}') SELECT 5`)
    }
  })
  after(async () => {
    await hive.query(`DROP DATABASE ${database} CASCADE`)
    await hive.close()
  })

  it('of a static partition leaves a day empty that has become empty, and the other days as they are', async () => {
    await hive.query(`INSERT OVERWRITE TABLE ${database}.days PARTITION (dt = '2026-01-02') SELECT 1 WHERE false`)
    assert.deepEqual(await counts(), [['2026-01-01', 5n]])
    await hive.query(`INSERT OVERWRITE TABLE ${database}.days PARTITION (dt = '2026-01-02') SELECT 5`)
  })

  it('of dynamic partitions keeps the rows of a day that has become empty: the trap', async () => {
    await hive.query('SET hive.exec.dynamic.partition.mode=nonstrict')
    await hive.query(
      `INSERT OVERWRITE TABLE ${database}.days PARTITION (dt)
        SELECT plays, dt FROM (SELECT 7 AS plays, '2026-01-01' AS dt) only_the_first_day`,
    )
    assert.deepEqual(await counts(), [
      ['2026-01-01', 7n],
      ['2026-01-02', 5n],
    ])
  })

  it('clears a folder that the metastore does not know, in this version; ours is always a new one', async () => {
    await put('days/dt=2026-01-03/left-by-a-killed-load', '100\n')
    await hive.query(`INSERT OVERWRITE TABLE ${database}.days PARTITION (dt = '2026-01-03') SELECT 1`)
    assert.deepEqual((await counts()).at(-1), ['2026-01-03', 1n])
  })

  it('takes a day as text, whatever the zone: no clock change moves an event', async () => {
    const [[text]] = (await hive.query("SELECT cast('2026-03-29' AS STRING)")) as [[string]]
    assert.equal(text, '2026-03-29')
    await hive.query(`INSERT OVERWRITE TABLE ${database}.days PARTITION (dt = '2026-03-29') SELECT 2`)
    assert.deepEqual((await counts()).at(-1), ['2026-03-29', 2n])
  })
})
