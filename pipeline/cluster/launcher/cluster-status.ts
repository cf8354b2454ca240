/** What `musicbox cluster status` shows. */
import Table from 'cli-table3'
import { formatDuration } from '../../../datasets/host.ts'
import { isOurs, markOf, residentMegabytes } from './cluster-process.ts'
import { readClusterState, type ServiceState } from './cluster-state.ts'
import { supervised } from './supervision.ts'

export interface ClusterStatus {
  folder: string
  running: boolean
  services: (ServiceState & { resident_mb?: number })[]
}

/** What the cluster says of itself, checked against the processes that there are. */
export async function statusOf(folder: string): Promise<ClusterStatus> {
  const state = await readClusterState(folder)
  const services = (state?.services ?? []).map(async (service) => {
    if (service.pid === undefined) return service
    if (await isOurs(service.pid, markOf(folder, service.name))) {
      const resident_mb = await residentMegabytes(service.pid)
      return resident_mb === undefined ? service : { ...service, resident_mb }
    }
    const { pid: _, ...rest } = service
    return { ...rest, state: 'stopped' as const }
  })
  return { folder, running: (await supervised(folder)) !== undefined, services: await Promise.all(services) }
}

export function describeStatus({ folder, running, services }: ClusterStatus, now_ms: number): string {
  if (services.length === 0) return `No cluster in ${folder}.`
  const table = new Table({
    head: ['service', 'state', 'since', 'pid', 'ports', 'memory', 'restarts'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'right'],
  })
  for (const { name, state, since_ms, pid, ports, resident_mb, restarts } of services) {
    table.push([
      name,
      state,
      formatDuration(now_ms - since_ms),
      pid ?? '',
      Object.entries(ports)
        .map(([purpose, port]) => `${port} ${purpose}`)
        .join(', '),
      resident_mb === undefined ? '' : `${resident_mb} MB`,
      restarts,
    ])
  }
  const total_mb = services.reduce((sum, { resident_mb = 0 }) => sum + resident_mb, 0)
  const foot = running ? `${total_mb} MB together` : 'Nobody looks after it: it is stopped, or its supervisor is dead.'
  return `${table.toString()}\n${foot}`
}
