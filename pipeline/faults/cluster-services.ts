/** Services of a cluster of this machine, found through the state file that its supervisor keeps. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { StoreChoice } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { type ClusterConfig, clusterConfigPath, readClusterConfig } from '../cluster/cluster-config.ts'
import { signalService, untilServiceReady } from '../cluster/launcher/cluster-process.ts'
import { readClusterState } from '../cluster/launcher/cluster-state.ts'
import { pauseService } from './pause.ts'
import type { ServiceKind, Services } from './services.ts'

/** What a service's name begins with. */
const NAMES: Record<ServiceKind, string> = {
  broker: 'kafka',
  namenode: 'namenode',
  datanode: 'datanode',
  regionserver: 'regionserver',
  hiveserver2: 'hiveserver2',
}

const READY_WITHIN_MS = 120_000

/**
 * @throws MusicboxError `input.invalid` for a cluster that `musicbox cluster up` did not start here: nobody would start its
 *   services again, and they are not ours to kill
 */
export async function openServices(stores: StoreChoice): Promise<Services> {
  const path = resolve(stores.config ?? clusterConfigPath(stores.data))
  const config = await readClusterConfig(path)
  const folder = dirname(path)
  const names = (await readClusterState(folder))?.services.map(({ name }) => name)
  if (names === undefined) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${folder} to hold the state of a cluster that runs on this machine, got no such file`,
      'faults strike only what `musicbox cluster up` has started; start one, or give its cluster.json with --config',
    )
  }
  return new ClusterServices(config, folder, names)
}

class ClusterServices implements Services {
  readonly #config: ClusterConfig
  readonly #folder: string
  readonly #names: readonly string[]
  /** Processes that were killed, by the name of their service: their successors are waited for. */
  readonly #killed = new Map<string, number>()
  /** What ends the pauses that last. */
  readonly #paused = new Set<() => Promise<void>>()

  constructor(config: ClusterConfig, folder: string, names: readonly string[]) {
    this.#config = config
    this.#folder = folder
    this.#names = names
  }

  of(kind: ServiceKind): readonly string[] {
    return this.#names.filter((name) => name.replace(/-\d+$/, '') === NAMES[kind])
  }

  async kill(name: string): Promise<void> {
    this.#killed.set(name, await signalService(this.#folder, name, 'SIGKILL'))
  }

  async pause(name: string): Promise<() => Promise<void>> {
    const resume = await pauseService(this.#folder, name)
    this.#paused.add(resume)
    return async () => {
      this.#paused.delete(resume)
      await resume()
    }
  }

  async untilReady(signal: AbortSignal): Promise<void> {
    // A row that was broken off may have left some.
    for (const resume of this.#paused) await resume()
    this.#paused.clear()
    for (const name of this.#names) {
      const killed = this.#killed.get(name)
      const until = { timeout_ms: READY_WITHIN_MS, signal, ...(killed !== undefined && { not_pid: killed }) }
      await untilServiceReady(this.#folder, name, until)
    }
    this.#killed.clear()
  }

  async freshStores(folder: string, row: number): Promise<Pick<StoreChoice, 'backend' | 'config'>> {
    const namespace = `faults${row}_${randomBytes(4).toString('hex')}`
    return { backend: 'cluster', config: await written(folder, 'cluster.json', { ...this.#config, namespace }) }
  }

  async removeStores({ config }: Pick<StoreChoice, 'config'>): Promise<void> {
    // Loads the clients of a cluster, which a command that strikes none does not need.
    const { removeNamespace } = await import('../cluster/remove-namespace.ts')
    await removeNamespace(await readClusterConfig(config!))
  }

  async routed(stores: StoreChoice, open: (target_port: number) => Promise<number>): Promise<StoreChoice> {
    const config = await readClusterConfig(stores.config!)
    const routes: Record<string, string> = {}
    for (const broker of config.kafka.brokers) {
      routes[broker] = `127.0.0.1:${await open(Number(broker.slice(broker.lastIndexOf(':') + 1)))}`
    }
    const routed = { ...config, kafka: { ...config.kafka, routes } }
    return { ...stores, config: await written(stores.data, 'routed.json', routed) }
  }
}

async function written(folder: string, name: string, config: ClusterConfig): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(config))
  return path
}
