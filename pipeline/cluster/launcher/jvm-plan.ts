/** What it takes to run one service: a value that says all and does nothing. */
import { join } from 'node:path'
import type { ClusterBirth } from './cluster-state.ts'
import type { ConfigurationFile } from './configuration.ts'

/** A Maven module under `pipeline/cluster/maven`: the jars of one server. */
export const MODULES = ['kafka', 'hdfs', 'hbase', 'hive'] as const
export type Module = (typeof MODULES)[number]

export interface ServicePlan {
  name: string
  module: Module
  /** By what each is for. */
  ports: Readonly<Record<string, number>>
  /** Names of the services that must be ready before this one starts, and that outlive it when the cluster stops. */
  after: readonly string[]
  /** Written into its configuration folder, which comes first on the class path. */
  files: readonly ConfigurationFile[]
  /** Made before it starts. */
  folders: readonly string[]
  /** Run once, to its end, where `unless` does not exist. */
  first?: { unless: string; java: readonly string[] }
  /** JVM options, main class and its arguments; the class path and the mark are put before. */
  java: readonly string[]
  probe: Probe
  /** Resident memory at rest, measured; with headroom for light work. */
  memory_mb: number
}

/** How to find out that a service does its work. */
export type Probe =
  | { kind: 'kafka'; broker: string; node_id: number }
  | { kind: 'namenode'; http: string }
  | { kind: 'datanode'; http: string; namenode_http: string; transfer: string }
  | { kind: 'zookeeper'; address: string }
  | { kind: 'hbase-master'; http: string }
  | { kind: 'regionserver'; http: string; master_http: string; rpc_port: number }
  | { kind: 'hiveserver2'; address: string }

/** What all services of a cluster share. */
export interface Site extends ClusterBirth {
  /** Absolute. */
  folder: string
}

export function configurationFolder(site: { folder: string }, name: string): string {
  return join(site.folder, 'conf', name)
}

export function dataFolder(site: { folder: string }, name: string): string {
  return join(site.folder, 'data', name)
}

export function logFile(site: { folder: string }, name: string): string {
  return join(site.folder, 'logs', `${name}.log`)
}

/** JVM options that every service has. @param heap_mb at most */
export function jvm(heap_mb: number): string[] {
  return [
    `-Xmx${heap_mb}m`,
    // On one machine each JVM gets a sliver: one collector thread and the quick compiler start faster and stay smaller.
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    // A JVM short of memory limps on for ever; one that ends is started again.
    '-XX:+ExitOnOutOfMemoryError',
    // No file in the system's temporary folder that a killed process would leave behind.
    '-XX:-UsePerfData',
    '-Djava.net.preferIPv4Stack=true',
  ]
}

/** Packages of the JDK opened to code that looks inside them by reflection. */
export function opened(module: string, packages: readonly string[]): string[] {
  return packages.map((each) => `--add-opens=${module}/${each}=ALL-UNNAMED`)
}
