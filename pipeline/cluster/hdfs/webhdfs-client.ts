/**
 * A client of WebHDFS, the HTTP interface of HDFS. A call is tried once; whoever calls decides what may be tried again.
 *
 * Files go in two steps: the namenode answers with the address of a datanode, and the bytes go there. Renames are asked
 * for with `renameoptions=NONE`, which names what is wrong; without it the answer is "200 false", and a folder that is
 * renamed onto another one lands inside it.
 */
import http from 'node:http'
import { z } from 'zod'
import { MusicboxError } from '../../../datasets/failure.ts'
import { HdfsError } from './hdfs-error.ts'
import { type Answer, exchange, type Request } from './http-exchange.ts'

export interface WebHdfsOptions {
  /** Of the namenode, as `http://host:9870`. */
  address: string
  user: string
  /** The longest silence before a call is given up. */
  timeout_ms: number
}

const fileStatus = z.object({
  /** Last name of its path; empty when a file is asked for itself. */
  pathSuffix: z.string(),
  type: z.enum(['FILE', 'DIRECTORY', 'SYMLINK']),
  length: z.number(),
  /** ms since 1970 UTC by the namenode's clock. */
  modificationTime: z.number(),
})
export type FileStatus = z.output<typeof fileStatus>

/** What a namenode answers with. Anything else comes from a proxy, or from what listens at a wrong port. */
const answers = {
  status: z.object({ FileStatus: fileStatus }),
  list: z.object({ FileStatuses: z.object({ FileStatus: z.array(fileStatus) }) }),
  done: z.object({ boolean: z.boolean() }),
  datanode: z.object({ Location: z.url({ protocol: /^http$/ }) }),
  nothing: z.undefined(),
}

/** Connections to one server at a time. */
const SOCKETS_MAX = 32

/** Every method throws {@link HdfsError}, also for what is missing; and MusicboxError `backend.unreachable` once it is closed. */
export class WebHdfsClient {
  readonly #address: string
  readonly #user: string
  readonly #timeout_ms: number
  /** A namenode keeps connections open, a datanode closes each. */
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX })
  #closed = false

  constructor({ address, user, timeout_ms }: WebHdfsOptions) {
    this.#address = address
    this.#user = user
    this.#timeout_ms = timeout_ms
  }

  async status(path: string): Promise<FileStatus> {
    const { FileStatus } = await this.#ask(answers.status, 'GET', 'GETFILESTATUS', path)
    return FileStatus
  }

  async list(folder: string): Promise<FileStatus[]> {
    const { FileStatuses } = await this.#ask(answers.list, 'GET', 'LISTSTATUS', folder)
    return FileStatuses.FileStatus
  }

  /** Makes a folder with its parents; one that is there already is fine. */
  async mkdirs(folder: string): Promise<void> {
    const made = await this.#ask(answers.done, 'PUT', 'MKDIRS', folder)
    if (!made.boolean) throw new HdfsError(`MKDIRS ${folder}`, 200, 'NotMade', 'the namenode answered false')
  }

  /**
   * Writes a new file, flushed to the disk of each datanode that holds it: HDFS by itself closes a file while its bytes
   * are in memory only (`dfs.datanode.synconclose` is false).
   *
   * When this fails a file may stay that is cut short and looks complete.
   */
  async create(path: string, bytes: Uint8Array): Promise<void> {
    const query = { overwrite: 'false', createflag: 'CREATE,SYNC_BLOCK' }
    await this.#transfer('PUT', 'CREATE', path, query, bytes)
  }

  read(path: string): Promise<Buffer> {
    return this.#transfer('GET', 'OPEN', path, {})
  }

  /** Renames a file. Replaces nothing: `FileAlreadyExistsException`; `FileNotFoundException` also for the new parent. */
  async rename(from: string, to: string): Promise<void> {
    await this.#ask(answers.nothing, 'PUT', 'RENAME', from, { destination: to, renameoptions: 'NONE' })
  }

  /** @returns false when there was nothing */
  async delete(path: string): Promise<boolean> {
    const deleted = await this.#ask(answers.done, 'DELETE', 'DELETE', path)
    return deleted.boolean
  }

  close(): void {
    this.#closed = true
    this.#agent.destroy()
  }

  async #ask<T>(
    expected: z.ZodType<T>,
    method: Request['method'],
    op: string,
    path: string,
    query: Query = {},
  ): Promise<T> {
    const url = this.#urlOf(op, path, query)
    const { status, body } = await this.#send({ method, url }, `${op} ${path}`)
    const answer = expected.safeParse(parseJson(body))
    if (answer.success) return answer.data
    const came = body.length === 0 ? 'nothing' : body.toString().slice(0, 200)
    const detail = `expected an answer of WebHDFS, got ${came}`
    throw new HdfsError(`${op} ${path} at ${url.host}`, status, 'NotWebHDFS', detail, { cause: answer.error })
  }

  async #transfer(method: 'GET' | 'PUT', op: string, path: string, query: Query, bytes?: Uint8Array): Promise<Buffer> {
    const { Location } = await this.#ask(answers.datanode, method, op, path, { ...query, noredirect: 'true' })
    const request = { method, url: new URL(Location), ...(bytes && { body: bytes }) }
    const { body } = await this.#send(request, `${op} ${path}`)
    return body
  }

  #urlOf(op: string, path: string, query: Query): URL {
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    const url = new URL(`/webhdfs/v1${encoded}`, this.#address)
    url.search = new URLSearchParams({ op, 'user.name': this.#user, ...query }).toString()
    return url
  }

  async #send(request: Omit<Request, 'agent' | 'timeout_ms'>, call: string): Promise<Answer> {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the connection to HDFS is closed')
    const what = `${call} at ${request.url.host}`
    let answer: Answer
    try {
      answer = await exchange({ ...request, agent: this.#agent, timeout_ms: this.#timeout_ms })
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      throw new HdfsError(what, undefined, code ?? 'no answer', message, { cause })
    }
    if (answer.status >= 200 && answer.status < 300) return answer
    throw refusal(what, answer)
  }
}

type Query = Record<string, string>

/** @returns undefined for nothing at all; the text itself when it is no JSON */
function parseJson(body: Buffer): unknown {
  const text = body.toString()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface RemoteException {
  exception: string
  message: string
}

function refusal(what: string, { status, body }: Answer): HdfsError {
  const text = body.toString()
  try {
    const { exception, message } = (JSON.parse(text) as { RemoteException: RemoteException }).RemoteException
    return new HdfsError(what, status, exception, message)
  } catch {
    return new HdfsError(what, status, `HTTP ${status}`, text.slice(0, 200) || 'an answer without words')
  }
}
