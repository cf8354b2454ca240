/** The services of a cluster that `musicbox cluster up` started, as a row strikes them. */
import type { StoreChoice } from '../../datasets/command.ts'

export type ServiceKind = 'broker' | 'namenode' | 'datanode' | 'regionserver' | 'hiveserver2'

export interface Services {
  /** Names of a kind's services, as `musicbox cluster status` shows them. */
  of(kind: ServiceKind): readonly string[]
  /** SIGKILL; the cluster's supervisor starts it again. */
  kill(name: string): Promise<void>
  /** SIGSTOP; the result continues it. */
  pause(name: string): Promise<() => Promise<void>>
  /** Resolves when every service is ready. */
  untilReady(signal: AbortSignal): Promise<void>
  /** The cluster under a namespace of a row's own. @param folder takes its `cluster.json` */
  freshStores(folder: string, row: number): Promise<Pick<StoreChoice, 'backend' | 'config'>>
  /** Removes what a row has left in its namespace. */
  removeStores(stores: Pick<StoreChoice, 'config'>): Promise<void>
  /** The same stores, with each broker behind what `open` gives a port for. */
  routed(stores: StoreChoice, open: (target_port: number) => Promise<number>): Promise<StoreChoice>
}
