/** The head of a request as it is written, from the method to the empty line. */
import { MusicboxError } from '../../datasets/failure.ts'
import type { Address } from './address.ts'

export interface HeadParts {
  method: string
  address: Address
  /** The script's own fields; they stand before those that the engine would add. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Names of the script's fields that are not to be sent, in lower case. */
  omitted?: ReadonlySet<string> | undefined
  /** What the engine adds where the script has no field of that name. */
  userAgent?: string | undefined
  contentType?: string | undefined
  contentEncoding?: string | undefined
  authorization?: string | undefined
  /** Joins the script's own field `Cookie`. */
  cookie?: string | undefined
  body?: string | Uint8Array | undefined
  /** The connection is to end after the answer. */
  close?: boolean
}

/** Without a body these say nothing of its length. */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE'])

/** @throws MusicboxError `script.failed` for a method or field that cannot be sent */
export function requestHead(parts: HeadParts): { head: string; sent_bytes: number } {
  const { method, address, headers, omitted, body } = parts
  let host = address.hostField
  let { userAgent, contentType, contentEncoding, authorization, cookie } = parts
  let connection = parts.close ? 'close' : undefined
  let needsLength = true
  let fields = ''
  for (const given in headers) {
    const name = lowerCase(given)
    if (omitted?.has(name) || isOverridden(headers, given, name)) continue
    const value = String(headers[given])
    if (/[\r\n\0]/.test(value)) throw badField(given)
    if (name === 'host') host = value
    else if (name === 'cookie') cookie = cookie === undefined ? value : `${value}; ${cookie}`
    else {
      if (name === 'user-agent') userAgent = undefined
      else if (name === 'content-type') contentType = undefined
      else if (name === 'content-encoding') contentEncoding = undefined
      else if (name === 'authorization') authorization = undefined
      else if (name === 'connection') connection = undefined
      else if (name === 'content-length') needsLength = false
      fields += `${given}: ${value}\r\n`
    }
  }
  let head = `${methodToken(method)} ${address.target} HTTP/1.1\r\nHost: ${host}\r\n`
  if (userAgent !== undefined) head += `User-Agent: ${userAgent}\r\n`
  head += fields
  if (contentType !== undefined) head += `Content-Type: ${contentType}\r\n`
  if (contentEncoding !== undefined) head += `Content-Encoding: ${contentEncoding}\r\n`
  if (authorization !== undefined) head += `Authorization: ${authorization}\r\n`
  if (cookie !== undefined) head += `Cookie: ${cookie}\r\n`
  if (connection !== undefined) head += `Connection: ${connection}\r\n`
  const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length
  if (needsLength && (body !== undefined || !BODILESS.has(method))) head += `Content-Length: ${length}\r\n`
  head += '\r\n'
  return { head, sent_bytes: Buffer.byteLength(head) + length }
}

const REMEMBERED_MAX = 1000
const names = new Map<string, string>()

/** The same few names come with every request. */
function lowerCase(name: string): string {
  let lower = names.get(name)
  if (lower === undefined) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw badField(name)
    if (names.size >= REMEMBERED_MAX) names.clear()
    lower = name.toLowerCase()
    names.set(name, lower)
  }
  return lower
}

/** Of names that differ only in their case the last counts. */
function isOverridden(headers: Readonly<Record<string, string>>, given: string, name: string): boolean {
  let passed = false
  for (const other in headers) {
    if (other === given) passed = true
    else if (passed && other.length === given.length && lowerCase(other) === name) return true
  }
  return false
}

function badField(name: string): MusicboxError {
  return new MusicboxError('script.failed', `expected a header without line breaks, got ${JSON.stringify(name)}`)
}

function methodToken(method: string): string {
  if (/^[A-Z]+$/.test(method)) return method
  throw new MusicboxError('script.failed', `expected a method such as GET or POST, got ${JSON.stringify(method)}`)
}
