/** Which services a cluster has and on which ports they listen: a fixed place for each above one base port. */
import type { Topology } from './cluster-state.ts'

export type { Topology }

export const ONE_OF_EACH: Topology = { brokers: 1, datanodes: 1, regionservers: 1 }
export const BASE_PORT = 19_000
/** Ports from the base port on that a cluster may use. */
export const PORT_SPAN = 60
export const MOST = 3

export interface Ports {
  namenode: { rpc: number; http: number }
  datanode(index: number): { data: number; http: number; ipc: number }
  kafka(index: number): { clients: number; controller: number }
  zookeeper: { clients: number }
  hbaseMaster: { rpc: number; http: number }
  regionserver(index: number): { rpc: number; http: number }
  hiveserver2: { thrift: number }
}

/** @param base the lowest port. An index counts from 1, as names do. */
export function portsFrom(base: number): Ports {
  return {
    namenode: { rpc: base, http: base + 1 },
    datanode: (index) => ({ data: base + 7 + 3 * index, http: base + 8 + 3 * index, ipc: base + 9 + 3 * index }),
    kafka: (index) => ({ clients: base + 18 + 2 * index, controller: base + 19 + 2 * index }),
    zookeeper: { clients: base + 30 },
    hbaseMaster: { rpc: base + 31, http: base + 32 },
    regionserver: (index) => ({ rpc: base + 38 + 2 * index, http: base + 39 + 2 * index }),
    hiveserver2: { thrift: base + 50 },
  }
}

/** 1, 2, ... `count`. */
export function oneTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
