/** The cluster that a benchmark runs on: the one it is told of, or one of its own for as long as it takes. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StoreChoice } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Host } from '../../datasets/host.ts'
import { clusterConfigPath, readClusterConfig } from '../cluster/cluster-config.ts'
import { clusterFolder, readClusterState } from '../cluster/launcher/cluster-state.ts'
import { startCluster } from '../cluster/launcher/start-cluster.ts'
import { stopCluster } from '../cluster/launcher/stop-cluster.ts'
import type { ServiceProcess } from './pipeline-bench.ts'

export interface BenchClusterOptions {
  host: Host
  /** Path of the CLI, whose supervisor keeps the cluster. */
  program: string
  /** `cluster.json` of a cluster of this machine that runs already. */
  config?: string | undefined
}

/** Apart from the tests' clusters and from the user's own. */
const BASE_PORT = 18_000

/** Runs `work` with a namespace that nothing else is in. A cluster that was started for it is stopped and removed. */
export async function withBenchCluster<T>(
  { host, program, config }: BenchClusterOptions,
  work: (stores: StoreChoice, services: () => Promise<readonly ServiceProcess[]>) => Promise<T>,
): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), 'musicbox-bench-cluster-'))
  const say = (line: string): void => void host.stderr.write(`${line}\n`)
  const own = config === undefined
  try {
    if (own) await startCluster({ folder: clusterFolder(data), asked: { base_port: BASE_PORT }, program, host, say })
    const path = config ?? clusterConfigPath(data)
    const apart = { ...(await readClusterConfig(path)), namespace: `bench${randomBytes(4).toString('hex')}` }
    const file = join(data, 'bench.json')
    await writeFile(file, JSON.stringify(apart))
    try {
      return await work({ data, backend: 'cluster', config: file }, () => servicesOf(dirname(path)))
    } finally {
      if (!own) {
        // Loads the clients of a cluster, which other benchmarks do not need.
        const { removeNamespace } = await import('../cluster/remove-namespace.ts')
        // What goes wrong here must not stand in front of what went wrong there.
        await removeNamespace(apart).catch((error: unknown) => say(`could not clean up: ${String(error)}`))
      }
    }
  } finally {
    if (own) await stopCluster(clusterFolder(data), say)
    await rm(data, { recursive: true, force: true })
  }
}

async function servicesOf(folder: string): Promise<ServiceProcess[]> {
  const state = await readClusterState(folder)
  if (!state) {
    throw new MusicboxError(
      'not.found',
      `expected the processes of a cluster of this machine beside its cluster.json in ${folder}, found none`,
      'the benchmark counts their processor time: start one with `musicbox cluster up`, or leave out --config',
    )
  }
  return state.services.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
}
