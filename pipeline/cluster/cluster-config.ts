/**
 * Where a cluster is and how to speak to it: the file `cluster.json`. `musicbox cluster up` writes it for the cluster that it
 * starts; whoever has one elsewhere writes it by hand and gives it with `--config`.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'

const address = z
  .string()
  .regex(/^[^\s:/]+:\d{1,5}$/, { error: 'expected host:port', abort: true })
  .refine((text) => isPort(Number(text.split(':')[1])), 'expected a port from 1 to 65535')
const file = z.string().min(1)

const schema = z.strictObject({
  /**
   * Keeps one data set apart from others on the same cluster: it names the topic (`NAMESPACE.events`), the folder in HDFS
   * (`/NAMESPACE`), the database in Hive and the namespace in HBase.
   */
  namespace: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, 'expected a lower-case letter, then letters, digits and _')
    .default('musicbox'),
  kafka: z.strictObject({
    brokers: z.array(address).min(1),
    /** Of the topic when it is made; an existing topic keeps its own. */
    partitions: z.int().min(1).max(1024).default(4),
    /** Copies of each partition when the topic is made; writes wait for all but one of them, and for one at least. */
    replication: z.int().min(1).max(7).default(1),
    /** TLS: `true` trusts the system's authorities; files are PEM, and may be named from where `cluster.json` is. */
    tls: z.union([z.boolean(), z.strictObject({ ca: file, cert: file.optional(), key: file.optional() })]).optional(),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        /** Name of the environment variable that holds the password, so that no secret stands in a file. */
        password_env: z.string(),
      })
      .optional(),
    /** Where to connect instead, by the address that a broker advertises: for tunnels, and for faults on the way. */
    routes: z.record(z.string(), address).optional(),
  }),
  hdfs: z.strictObject({
    /** WebHDFS of the namenode. */
    webhdfs: z.url(),
    /** The same file system as Hive names it. */
    fs: z.string().regex(/^hdfs:\/\/[^/]+$/, 'expected hdfs://host:port'),
    /** Simple authentication: the name is believed. Kerberos is not supported. */
    user: z.string().default('musicbox'),
  }),
  hive: z.strictObject({
    hiveserver2: address,
    user: z.string().default('musicbox'),
  }),
  hbase: z.strictObject({
    quorum: z.array(address).min(1),
    znode: z.string().startsWith('/').default('/hbase'),
    user: z.string().default('musicbox'),
  }),
})

export type ClusterConfig = z.output<typeof schema>

/** Where `musicbox cluster up` says of a data folder's own cluster how to reach it. */
export function clusterConfigPath(dataFolder: string): string {
  return join(dataFolder, 'cluster', 'cluster.json')
}

/** @throws MusicboxError `input.invalid` with every field that is wrong */
export function parseClusterConfig(value: unknown, where: string): ClusterConfig {
  const parsed = schema.safeParse(value)
  if (parsed.success) {
    expectPasswordCovered(parsed.data.kafka, where)
    return parsed.data
  }
  throw new MusicboxError(
    'input.invalid',
    `expected ${where} to describe a cluster, got something else: ${z.prettifyError(parsed.error)}`,
    'see "An existing cluster" in the README for an example',
  )
}

/** @throws MusicboxError `not.found`, `input.invalid` */
export async function readClusterConfig(path: string): Promise<ClusterConfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new MusicboxError(
      'not.found',
      `expected a cluster's addresses in ${path}: ${(cause as Error).message}`,
      'start a cluster with `musicbox cluster up`, or name a file with --config',
      { cause },
    )
  }
  try {
    return withFilesFrom(dirname(path), parseClusterConfig(JSON.parse(text), path))
  } catch (cause) {
    if (cause instanceof MusicboxError) throw cause
    throw new MusicboxError('input.invalid', `expected JSON in ${path}: ${(cause as Error).message}`, '', { cause })
  }
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535
}

/** @throws MusicboxError `input.invalid` when the password would cross a network for all to read */
function expectPasswordCovered({ brokers, routes = {}, sasl, tls }: ClusterConfig['kafka'], where: string): void {
  if (sasl?.mechanism !== 'plain' || tls) return
  const reached = [...brokers.map((broker) => routes[broker] ?? broker), ...Object.values(routes)]
  const open = reached.find((place) => !/^(localhost|127(\.\d{1,3}){3}):/.test(place))
  if (open === undefined) return
  throw new MusicboxError(
    'input.invalid',
    `expected kafka.tls in ${where} beside the sasl mechanism plain, which sends the password to ${open} as it is`,
    'Set kafka.tls, or take scram-sha-512, which sends no password.',
  )
}

/** So that it does not matter in which folder a command is given. */
function withFilesFrom(folder: string, config: ClusterConfig): ClusterConfig {
  const { tls } = config.kafka
  if (typeof tls !== 'object') return config
  const { ca, cert, key } = tls
  const found = {
    ca: resolve(folder, ca),
    ...(cert !== undefined && { cert: resolve(folder, cert) }),
    ...(key !== undefined && { key: resolve(folder, key) }),
  }
  return { ...config, kafka: { ...config.kafka, tls: found } }
}
