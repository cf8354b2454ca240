/** HiveServer2 with its metastore in the same process, on an embedded Derby database. Its tables live in HDFS. */
import { join } from 'node:path'
import { hadoopXml, log4j2, type Settings } from './configuration.ts'
import { hdfsClientSettings, hdfsServices, hdfsUri } from './hdfs-plan.ts'
import { dataFolder, jvm, opened, type ServicePlan, type Site } from './jvm-plan.ts'
import { portsFrom } from './topology.ts'

const NAME = 'hiveserver2'

const JVM_ACCESS = [
  ...opened('java.base', [
    'java.io',
    'java.lang',
    'java.lang.reflect',
    'java.math',
    'java.net',
    'java.nio',
    'java.text',
    'java.time',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'java.util.regex',
    'sun.nio.ch',
  ]),
  ...opened('java.sql', ['java.sql']),
]

export function planHive(site: Site): ServicePlan[] {
  const ports = portsFrom(site.base_port).hiveserver2
  const data = dataFolder(site, NAME)
  const logging = log4j2('WARN', { 'org.apache.hive.service.server': 'INFO' })
  return [
    {
      name: NAME,
      module: 'hive',
      ports: { ...ports },
      after: hdfsServices(site),
      files: [
        { name: 'hive-site.xml', text: hadoopXml(hiveSettings(site, data)) },
        // Hive's code asks for its own name, the libraries below it for the other.
        { name: 'hive-log4j2.properties', text: logging },
        { name: 'log4j2.properties', text: logging },
      ],
      folders: [join(data, 'tmp')],
      java: [
        // Queries run in this process, whole days of events at a time. The quick compiler serves it as well: it starts with
        // 12 rather than 25 CPU-seconds, a small query takes 1.2 rather than 3; half a million rows take 17 rather than 14.
        ...jvm(3072),
        ...JVM_ACCESS,
        `-Dderby.stream.error.file=${join(data, 'derby.log')}`,
        `-Djava.io.tmpdir=${join(data, 'tmp')}`,
        'org.apache.hive.service.server.HiveServer2',
      ],
      probe: { kind: 'hiveserver2', address: `127.0.0.1:${ports.thrift}` },
      memory_mb: 700,
    },
  ]
}

function hiveSettings(site: Site, data: string): Settings {
  const local = (name: string): string => join(data, 'tmp', name)
  return {
    ...hdfsClientSettings(site),
    'hadoop.tmp.dir': local('hadoop'),

    'hive.metastore.warehouse.dir': `${hdfsUri(site.base_port)}/hive/warehouse`,
    'hive.metastore.warehouse.external.dir': `${hdfsUri(site.base_port)}/hive/external`,
    // In HDFS; the others are folders of this machine.
    'hive.exec.scratchdir': '/hive/scratch',
    'hive.exec.local.scratchdir': local('scratch'),
    'hive.downloaded.resources.dir': local('resources'),
    'hive.querylog.location': local('querylog'),
    'hive.server2.logging.operation.log.location': local('operations'),
    'mapreduce.cluster.local.dir': local('mapreduce'),
    'mapreduce.jobtracker.staging.root.dir': local('staging'),

    // No address: the metastore is a part of this process. Its tables are made when they are first needed.
    'hive.metastore.uris': '',
    'javax.jdo.option.ConnectionURL': `jdbc:derby:;databaseName=${join(data, 'metastore')};create=true`,
    'javax.jdo.option.ConnectionDriverName': 'org.apache.derby.jdbc.EmbeddedDriver',
    'datanucleus.schema.autoCreateAll': true,
    'hive.metastore.schema.verification': false,
    'metastore.metastore.event.db.notification.api.auth': false,
    'hive.metastore.task.threads.always': '',
    'hive.notification.event.poll.interval': '0s',

    'hive.server2.thrift.bind.host': '127.0.0.1',
    'hive.server2.thrift.port': portsFrom(site.base_port).hiveserver2.thrift,
    'hive.server2.webui.port': 0,
    'hive.server2.authentication': 'NOSASL',
    'hive.server2.enable.doAs': false,
    'hive.security.authorization.enabled': false,

    // MapReduce's local runner. Tez in local mode is faster and wrong: two queries at once give false counts.
    'hive.execution.engine': 'mr',
    'mapreduce.framework.name': 'local',
    'hive.exec.mode.local.auto': true,
    'hive.exec.submitviachild': false,
    'hive.exec.submit.local.task.via.child': false,
    'hive.server2.tez.initialize.default.sessions': false,
    // No transactional tables: partitions are replaced as a whole.
    'hive.support.concurrency': false,
    'hive.txn.manager': 'org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager',
    // Statistics would cost a further job for each INSERT; the registry of materialized views, a thread for none.
    'hive.stats.autogather': false,
    'hive.server2.materializedviews.registry.impl': 'DUMMY',
  }
}
