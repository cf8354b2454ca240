/** How to connect to the brokers, from `cluster.json`: addresses, TLS, credentials, and ways round. */
import { readFile } from 'node:fs/promises'
import net, { type Socket } from 'node:net'
import tls, { type ConnectionOptions } from 'node:tls'
import type { ISocketFactory, SASLOptions } from 'kafkajs'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { ClusterConfig } from '../cluster-config.ts'

export interface KafkaConnection {
  brokers: readonly string[]
  tls: ConnectionOptions | undefined
  sasl: SASLOptions | undefined
  /** Makes kafkajs's sockets, and tells of each, so that whoever gives a connection up can end them. */
  sockets(made: (socket: Socket) => void): ISocketFactory
}

/**
 * @param env where the password is
 * @throws MusicboxError `input.invalid` when the password's variable is not set; `not.found` when a PEM file is missing
 */
export async function kafkaConnection(
  config: ClusterConfig['kafka'],
  env: NodeJS.ProcessEnv,
): Promise<KafkaConnection> {
  const tlsOptions = await readTls(config.tls)
  return {
    brokers: config.brokers,
    tls: tlsOptions,
    sasl: readSasl(config.sasl, env),
    sockets:
      (made) =>
      ({ host, port, onConnect }) => {
        const at = placeOf(config.routes?.[`${host}:${port}`] ?? `${host}:${port}`)
        // The certificate is that of the advertised host, wherever the way to it goes.
        const servername = net.isIP(host) ? undefined : host
        const socket = tlsOptions
          ? tls.connect({ ...at, ...(servername && { servername }), ...tlsOptions }, onConnect)
          : net.connect(at, onConnect)
        // kafkajs sends a request in pieces; each is to leave at once.
        socket.setNoDelay(true)
        socket.setKeepAlive(true, 60_000)
        made(socket)
        return socket
      },
  }
}

function placeOf(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }
}

async function readTls(asked: ClusterConfig['kafka']['tls']): Promise<ConnectionOptions | undefined> {
  if (!asked) return undefined
  if (asked === true) return {}
  const { ca, cert, key } = asked
  return {
    ca: await readPem(ca),
    ...(cert !== undefined && { cert: await readPem(cert) }),
    ...(key !== undefined && { key: await readPem(key) }),
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MusicboxError(
      'not.found',
      `expected a PEM file at ${path} for TLS to Kafka: ${(cause as Error).message}`,
      'Correct kafka.tls in cluster.json.',
      { cause },
    )
  }
}

function readSasl(asked: ClusterConfig['kafka']['sasl'], env: NodeJS.ProcessEnv): SASLOptions | undefined {
  if (!asked) return undefined
  const { mechanism, username, password_env } = asked
  const password = env[password_env]
  if (password === undefined) {
    throw new MusicboxError(
      'input.invalid',
      `expected Kafka's password for ${username} in the environment variable ${password_env}, which is not set`,
      `Set ${password_env}, or correct kafka.sasl.password_env in cluster.json.`,
    )
  }
  return { mechanism, username, password }
}
