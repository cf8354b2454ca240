/**
 * Where a cluster is and how to speak to it: the file `cluster.json`. `musicbox cluster up` writes it for the cluster that it
 * starts; whoever has one elsewhere writes it by hand and gives it with `--config`.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'

const address = z.string().regex(/^[^\s:/]+:\d{1,5}$/, 'expected host:port')
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
    /** TLS: `true` trusts the system's authorities; files are PEM. */
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
  if (parsed.success) return parsed.data
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
    return parseClusterConfig(JSON.parse(text), path)
  } catch (cause) {
    if (cause instanceof MusicboxError) throw cause
    throw new MusicboxError('input.invalid', `expected JSON in ${path}: ${(cause as Error).message}`, '', { cause })
  }
}
