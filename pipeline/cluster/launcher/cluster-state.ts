/**
 * What a running cluster says of itself, in the file `state.json` of its folder: which processes its services are, where
 * they answer and how they fare. Its supervisor writes it anew at every change. The file may outlive its processes (power
 * loss, kill −9 of the supervisor), so whoever sends a signal checks the process first: see cluster-process.ts.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { MusicboxError } from '../../../datasets/failure.ts'

const pid = z.int().positive()

export const SERVICE_STATES = ['waiting', 'starting', 'ready', 'restarting', 'stopped'] as const

const serviceSchema = z.object({
  /** `kafka-1`, `namenode`, `datanode-1`, `zookeeper`, `hbase-master`, `regionserver-1`, `hiveserver2`. */
  name: z.string(),
  /** `waiting`: for the services that it needs. `ready`: it does its work, not only listens. */
  state: z.enum(SERVICE_STATES),
  /** Of its process, while there is one. */
  pid: pid.optional(),
  /** Port by what it is for. */
  ports: z.record(z.string(), z.int()),
  /** How often it was started again after it had died. */
  restarts: z.int(),
  /** Since when it is in this state. */
  since_ms: z.int(),
})

const topologySchema = z.object({
  brokers: z.int(),
  datanodes: z.int(),
  regionservers: z.int(),
})

const stateSchema = z.object({
  supervisor_pid: pid,
  topology: topologySchema,
  base_port: z.int(),
  services: z.array(serviceSchema),
})

export type ServiceState = z.infer<typeof serviceSchema>
export type ClusterState = z.infer<typeof stateSchema>
/** How many of each there are; one of everything else. */
export type Topology = z.infer<typeof topologySchema>

/** The cluster's own folder within the common data folder. Absolute: it names the cluster among the machine's processes. */
export function clusterFolder(data: string): string {
  return resolve(data, 'cluster')
}

/**
 * Nothing when no cluster runs or ran here.
 * @param folder the one that holds `cluster.json`
 * @throws MusicboxError `data.corrupt` for a file of another form
 */
export async function readClusterState(folder: string): Promise<ClusterState | undefined> {
  return await readChecked(join(folder, 'state.json'), stateSchema)
}

/** Writes the whole file or none. Synchronous, so that two services that change at once cannot overwrite each other's news. */
export function writeClusterState(folder: string, state: ClusterState): void {
  writeWhole(join(folder, 'state.json'), stateSchema.parse(state))
}

/** What a cluster's data was made for and needs again at every start; kept until the cluster is wiped. */
const birthSchema = z.object({
  topology: topologySchema,
  base_port: z.int(),
  /** Brokers refuse data of a Kafka cluster with another id. */
  kafka_cluster_id: z.string(),
})

export type ClusterBirth = z.infer<typeof birthSchema>

/** Nothing where no cluster was ever started. */
export async function readClusterBirth(folder: string): Promise<ClusterBirth | undefined> {
  return await readChecked(join(folder, 'birth.json'), birthSchema)
}

export function writeClusterBirth(folder: string, birth: ClusterBirth): void {
  writeWhole(join(folder, 'birth.json'), birthSchema.parse(birth))
}

/** Writes JSON under a name of its own, then renames it: a reader finds the old file or the new one, never half of one. */
export function writeWhole(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(draft, path)
}

async function readChecked<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new MusicboxError('backend.unreachable', `cannot read ${path}: ${cause.message}`, '', { cause })
  })
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw new MusicboxError(
      'data.corrupt',
      `expected ${path} to describe a cluster of ours, got something else: ${why}`,
      'stop its processes, remove the file and run `musicbox cluster up` again',
      { cause },
    )
  }
}
