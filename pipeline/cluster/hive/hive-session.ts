/**
 * One connection to HiveServer2 with one session on it: hive-driver behind deadlines.
 *
 * What hive-driver 1.0.0 leaves to its caller, each measured: `connect` resolves on a refused port; a call in flight when
 * the server dies never settles; a BIGINT beyond 2^53 comes as null; reading a large result is quadratic. So every call
 * races the end of the connection and a deadline, and results are decoded from the columns that the server sent.
 */
import hive from 'hive-driver'
import { MusicboxError } from '../../../datasets/failure.ts'
import { type Cell, decodeRows, type RowSet } from './hive-rows.ts'

export interface SessionOptions {
  /** `host:port` of HiveServer2. */
  address: string
  user: string
  /** Where names of tables are looked up; it must be there. */
  database?: string
  /** How long a connection may take; default 10 s. */
  connect_ms?: number
  /** How long one answer may take. A statement is asked for again and again, so it may last longer; default 120 s. */
  call_ms?: number
  /** How long one statement may take before it is cancelled; default one hour. */
  statement_ms?: number
  /** Settings of the session, by their names in Hive. */
  settings?: StatementSettings
}

/** Settings of Hive that hold for one statement. */
export type StatementSettings = Readonly<Record<string, string>>

type Resolved = Required<Omit<SessionOptions, 'database'>> & Pick<SessionOptions, 'database'>

type Driver = Awaited<ReturnType<InstanceType<typeof hive.HiveClient>['openSession']>>
type Operation = Awaited<ReturnType<Driver['executeStatement']>>

const { TCLIService, TCLIService_types: types } = hive.thrift

/** Rows of one answer: the server sends fewer when it wants to. */
const FETCH_ROWS = 10_000

export class HiveSession {
  readonly #client: InstanceType<typeof hive.HiveClient>
  readonly #options: Resolved
  #driver: Driver | undefined
  #socket: { destroy(): void } | undefined
  /** Why the connection is of no use any more. */
  #broken: MusicboxError | undefined
  readonly #waiting = new Set<(error: MusicboxError) => void>()

  /** @throws MusicboxError `backend.unreachable` */
  static async open(options: SessionOptions): Promise<HiveSession> {
    const session = new HiveSession({
      connect_ms: 10_000,
      call_ms: 120_000,
      statement_ms: 3_600_000,
      settings: {},
      ...options,
    })
    try {
      await session.#connect()
      return session
    } catch (error) {
      session.#break('the session was not opened')
      throw error
    }
  }

  private constructor(options: Resolved) {
    this.#options = options
    this.#client = new hive.HiveClient(TCLIService, types)
    // Kept all along: an 'error' without a listener would end the process.
    this.#client.on('error', (cause: Error) => this.#break(`the connection failed: ${cause.message}`, cause))
    this.#client.on('close', () => this.#break('the connection was closed'))
    this.#client.on('timeout', () => this.#break('the connection timed out'))
  }

  get usable(): boolean {
    return this.#broken === undefined
  }

  /** Runs a statement, given without a semicolon, and gives its rows in the pieces that they come in. */
  async *rows(statement: string, settings: StatementSettings = {}): AsyncGenerator<Cell[][]> {
    // Thrift for Node writes a plain object as a map; hive-driver's type asks for a Map, of which it would write nothing.
    const options = { runAsync: true, confOverlay: settings as unknown as Map<string, string> }
    const operation = await this.#call(this.#driver!.executeStatement(statement, options), statement)
    let open = true
    try {
      await this.#finish(operation, statement)
      // A statement without a result gives no rows.
      operation.setMaxRows(FETCH_ROWS)
      do {
        await this.#call(operation.fetch(), statement)
        for (const piece of operation.getData()) {
          const rows = decodeRows(piece as RowSet)
          if (rows.length > 0) yield rows
        }
        operation.flush()
      } while (operation.hasMoreRows())
    } catch (error) {
      open = this.usable
      throw error
    } finally {
      // The server frees the result; a failed statement is closed as well, and what it says then is no news.
      if (open) await this.#call(operation.close(), statement).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    if (this.usable && this.#driver) await this.#call(this.#driver.close(), 'the end of the session').catch(() => {})
    this.#break('the session is closed')
  }

  async #connect(): Promise<void> {
    const { address, user, database, settings, connect_ms } = this.#options
    const [host, port] = splitAddress(address)
    const provider = new hive.connections.TcpConnection()
    await this.#client.connect({ host, port }, provider, new hive.auth.NoSaslAuthentication())
    const connection = provider.getConnection()
    this.#socket = connection.connection
    const connected = new Promise<void>((resolve) => {
      if (provider.isConnected()) resolve()
      else connection.once('connect', () => resolve())
    })
    await this.#call(connected, 'a connection', connect_ms)
    const configuration: Record<string, string> = database === undefined ? {} : { 'use:database': database }
    for (const [name, value] of Object.entries(settings)) configuration[`set:hiveconf:${name}`] = value
    const request = {
      client_protocol: types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
      username: user,
      configuration,
    }
    this.#driver = await this.#call(this.#client.openSession(request), 'a session')
  }

  /** Waits until a statement has ended; the server keeps each question open for a while. */
  async #finish(operation: Operation, statement: string): Promise<void> {
    const deadline_ms = performance.now() + this.#options.statement_ms
    for (;;) {
      const status = await this.#call(operation.status(false), statement)
      switch (status.operationState) {
        case types.TOperationState.FINISHED_STATE:
          return
        case types.TOperationState.INITIALIZED_STATE:
        case types.TOperationState.PENDING_STATE:
        case types.TOperationState.RUNNING_STATE:
          break
        default:
          throw refused(statement, status.errorMessage ?? `state ${status.operationState}`, status)
      }
      if (performance.now() > deadline_ms) {
        await this.#call(operation.cancel(), statement).catch(() => undefined)
        throw new MusicboxError(
          'backend.unreachable',
          `expected Hive to end a statement within ${this.#options.statement_ms / 1000} s, it still runs: ${shown(statement)}`,
          'look at the load of the cluster, then run again',
        )
      }
    }
  }

  /** Waits for an answer, for the end of the connection, or for the deadline, whichever comes first. */
  #call<T>(answer: Promise<T>, what: string, deadline_ms = this.#options.call_ms): Promise<T> {
    if (this.#broken) {
      answer.catch(() => undefined)
      return Promise.reject(this.#broken)
    }
    return new Promise<T>((resolve, reject) => {
      const settled = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(fail)
      }
      const fail = (error: MusicboxError): void => {
        settled()
        reject(error)
      }
      // A connection on which an answer is overdue is not used again: the answer could be taken for the next one's.
      const timer = setTimeout(() => this.#break(`no answer within ${deadline_ms / 1000} s`), deadline_ms)
      this.#waiting.add(fail)
      answer.then(
        (value) => {
          settled()
          resolve(value)
        },
        (cause: unknown) => {
          const message = messageOf(cause)
          // The server ends sessions that were idle for hours, and tells at the next call only.
          if (/Invalid SessionHandle/.test(message)) this.#break('the server has ended the session', cause)
          fail(this.#broken ?? refused(what, message, cause))
        },
      )
    })
  }

  #break(why: string, cause?: unknown): void {
    if (this.#broken) return
    this.#broken = new MusicboxError(
      'backend.unreachable',
      `expected HiveServer2 to answer at ${this.#options.address}: ${why}`,
      'is it running? `musicbox cluster status` tells',
      { cause },
    )
    for (const fail of [...this.#waiting]) fail(this.#broken)
    // Not `end`: the other side may never answer to it.
    this.#socket?.destroy()
  }
}

function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':')
  return [address.slice(0, at), Number(address.slice(at + 1))]
}

/** hive-driver throws objects that are no errors: {@link messageOf} takes what they say. */
function messageOf(cause: unknown): string {
  return String((cause as { message?: unknown } | undefined)?.message ?? cause)
}

/** Hive's first line says what is wrong; the lines after it are its stack. */
function refused(statement: string, message: string, cause: unknown): MusicboxError {
  const [line = ''] = message.split('\n')
  return new MusicboxError(
    /No space left|quota|could only be written to 0 of/i.test(message) ? 'backend.full' : 'backend.unreachable',
    `Hive refused a statement: ${line.slice(0, 500)} (${shown(statement)})`,
    'the log of HiveServer2 has the whole story: `musicbox cluster logs hiveserver2`',
    { cause },
  )
}

function shown(statement: string): string {
  const text = statement.replace(/\s+/g, ' ').trim()
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
