/** The parts of the untyped packages under hbase-rpc-client that are used here. */
import type { Socket } from 'node:net'

/** A message class of protobufjs 2. Bytes and 64-bit numbers come back in the package's own classes. */
export interface MessageClass<Fields> {
  new (fields: object): { toBuffer(): Buffer }
  decode(bytes: Buffer): Fields
}

export interface Bytes {
  toBuffer(): Buffer
}

export interface Long {
  toNumber(): number
  toString(): string
}

export interface ProtoBufPackage {
  convertFieldsToCamelCase: boolean
  /** Adds to `builder`, or makes one. */
  loadProtoFile(path: string, builder?: ProtoBuilder): ProtoBuilder
  loadProto(source: string, builder: ProtoBuilder): ProtoBuilder
}

export interface ProtoBuilder {
  build(): Record<string, unknown>
}

export interface ZookeeperPackage {
  createClient(hosts: string, options: { sessionTimeout: number; retries: number; spinDelay: number }): ZookeeperClient
}

export interface ZookeeperClient {
  /** The package's inner part, whose socket its outer one does not end. */
  connectionManager: { socket?: Socket }
  once(event: 'connected', listener: () => void): void
  connect(): void
  close(): void
  getData(path: string, done: (error: Error | null, data: Buffer) => void): void
}
