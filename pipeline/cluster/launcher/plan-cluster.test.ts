import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServicePlan, Site } from './jvm-plan.ts'
import { clusterConfigOf, planCluster } from './plan-cluster.ts'

const SMALL: Site = {
  folder: '/data/cluster',
  base_port: 20_000,
  topology: { brokers: 1, datanodes: 1, regionservers: 1 },
  kafka_cluster_id: 'AAAAAAAAAAAAAAAAAAAAAA',
}
const LARGE: Site = { ...SMALL, topology: { brokers: 3, datanodes: 3, regionservers: 2 } }

describe('the plan of a cluster', () => {
  it('has one of each service by default', () => {
    assert.deepEqual(
      planCluster(SMALL).map(({ name }) => name),
      ['kafka-1', 'namenode', 'datanode-1', 'zookeeper', 'hbase-master', 'regionserver-1', 'hiveserver2'],
    )
  })

  it('has as many of each as were asked for', () => {
    const names = planCluster(LARGE).map(({ name }) => name)
    assert.equal(names.length, 12)
    for (const name of ['kafka-3', 'datanode-3', 'regionserver-2']) assert.ok(names.includes(name), name)
  })

  it('starts everything on which a service waits, and nothing waits for itself', () => {
    const plans = planCluster(LARGE)
    const startable = new Set<string>()
    for (let round = 0; round < plans.length; round++) {
      for (const { name, after } of plans) if (after.every((each) => startable.has(each))) startable.add(name)
    }
    assert.equal(startable.size, plans.length)
  })

  it('starts HBase and Hive when the file system is there, on which their data lies', () => {
    for (const name of ['hbase-master', 'regionserver-1', 'hiveserver2']) {
      assert.ok(
        ['namenode', 'datanode-1', 'datanode-2', 'datanode-3'].every((each) => plan(LARGE, name).after.includes(each)),
      )
    }
    assert.equal(setting(plan(SMALL, 'hbase-master'), 'hbase.rootdir'), 'hdfs://127.0.0.1:20000/hbase')
    assert.match(setting(plan(SMALL, 'hiveserver2'), 'hive.metastore.warehouse.dir')!, /^hdfs:\/\/127\.0\.0\.1:20000\//)
  })

  it('listens on the loopback interface only', () => {
    for (const { name, files } of planCluster(LARGE)) {
      for (const { text } of files) assert.doesNotMatch(text, /0\.0\.0\.0|\[::\]/, name)
    }
    const addresses = planCluster(SMALL).flatMap(({ files }) => files.flatMap(({ text }) => addressSettings(text)))
    assert.ok(addresses.length > 15)
    assert.deepEqual(
      addresses.filter(([, value]) => !/^(127\.0\.0\.1|localhost)(:|$)/.test(value)),
      [],
    )
  })

  it('keeps three copies where there are three to keep them, for HBase and Hive as well', () => {
    for (const [site, copies] of [
      [SMALL, '1'],
      [LARGE, '3'],
    ] as const) {
      for (const name of ['namenode', 'datanode-1', 'hbase-master', 'regionserver-1', 'hiveserver2']) {
        assert.equal(setting(plan(site, name), 'dfs.replication'), copies, name)
      }
      const broker = plan(site, 'kafka-1').files.find(({ name }) => name === 'server.properties')!.text
      for (const topic of ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic', 'default']) {
        assert.ok(broker.includes(`${topic}.replication.factor=${copies}\n`), topic)
      }
    }
  })

  it('acknowledges a message when two of three brokers have it, so that one may be lost', () => {
    const broker = (site: Site): string => plan(site, 'kafka-1').files[0]!.text
    assert.match(broker(LARGE), /^min\.insync\.replicas=2$/m)
    assert.match(broker(SMALL), /^min\.insync\.replicas=1$/m)
    assert.match(broker({ ...SMALL, topology: { ...SMALL.topology, brokers: 2 } }), /^min\.insync\.replicas=1$/m)
    assert.match(
      broker(LARGE),
      /^controller\.quorum\.voters=1@127\.0\.0\.1:20021,2@127\.0\.0\.1:20023,3@127\.0\.0\.1:20025$/m,
    )
  })

  it('runs queries by MapReduce: local Tez gives wrong counts when two run at once', () => {
    assert.equal(setting(plan(SMALL, 'hiveserver2'), 'hive.execution.engine'), 'mr')
  })

  it('sums a file up the same whatever its blocks', () => {
    for (const name of ['namenode', 'datanode-1', 'hiveserver2']) {
      assert.equal(setting(plan(SMALL, name), 'dfs.checksum.combine.mode'), 'COMPOSITE_CRC')
      assert.equal(setting(plan(SMALL, name), 'dfs.checksum.type'), 'CRC32')
    }
  })

  it('names each process by its own folder, so that spaces in its path survive', () => {
    const site = { ...SMALL, folder: '/my data/cluster' }
    assert.equal(setting(plan(site, 'namenode'), 'dfs.namenode.name.dir'), 'file:///my%20data/cluster/data/namenode')
    assert.match(plan(site, 'kafka-1').files[0]!.text, /^log\.dirs=\/my data\/cluster\/data\/kafka-1$/m)
  })

  it('tells its clients where it is', () => {
    const { namespace, kafka, hdfs, hive, hbase } = clusterConfigOf(LARGE)
    assert.equal(namespace, 'musicbox')
    assert.deepEqual(kafka.brokers, ['127.0.0.1:20020', '127.0.0.1:20022', '127.0.0.1:20024'])
    assert.equal(kafka.replication, 3)
    assert.equal(hdfs.webhdfs, 'http://127.0.0.1:20001')
    assert.equal(hdfs.fs, 'hdfs://127.0.0.1:20000')
    assert.equal(hive.hiveserver2, '127.0.0.1:20050')
    assert.deepEqual(hbase.quorum, ['127.0.0.1:20030'])
  })
})

function plan(site: Site, name: string): ServicePlan {
  return planCluster(site).find((each) => each.name === name)!
}

function setting({ files }: ServicePlan, name: string): string | undefined {
  const pattern = new RegExp(`<name>${name.replaceAll('.', '\\.')}</name><value>([^<]*)</value>`)
  return files.map(({ text }) => pattern.exec(text)?.[1]).find((value) => value !== undefined)
}

/** What a server is told of where to listen. */
function addressSettings(text: string): [name: string, value: string][] {
  const xml = [
    ...text.matchAll(/<name>([^<]*(?:address|Address|bind-?[Hh]ost|hostname|bind\.host))<\/name><value>([^<]*)</g),
  ]
  const properties = [...text.matchAll(/^((?:advertised\.)?listeners)=(.*)$/gm)].flatMap(([, name, value]) =>
    value!.split(',').map((each) => ['', name, each.replace(/^\w+:\/\//, '')]),
  )
  return [...xml, ...properties].map(([, name, value]) => [name!, value!])
}
