/** The body of a request, from what a script gives: text, bytes, fields of a form, files. */
import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { MusicboxError } from '../../datasets/failure.ts'

export interface RequestBody {
  body: string | Uint8Array | undefined
  /** What it is, where the script says nothing. */
  contentType: string | undefined
  contentEncoding: string | undefined
}

/** Made by http.file(). Names are k6's. */
export class FileData {
  readonly data: string | ArrayBuffer
  readonly filename: string
  readonly content_type: string
  constructor(data: string | ArrayBuffer, filename: string, content_type: string) {
    this.data = data
    this.filename = filename
    this.content_type = content_type
  }
}

const NOTHING: RequestBody = { body: undefined, contentType: undefined, contentEncoding: undefined }

const COMPRESS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
}

/**
 * @param compression `gzip`, `deflate`, `br`, `zstd`, or several, applied from left to right
 * @throws MusicboxError `script.failed` for a compression not known, or a value that no form can hold
 */
export function encodeBody(given: unknown, compression: string | undefined): RequestBody {
  const plain = plainBody(given)
  if (!compression || plain.body === undefined) return plain
  const encodings = compression.split(',').map((name) => name.trim().toLowerCase())
  let bytes: Uint8Array = typeof plain.body === 'string' ? Buffer.from(plain.body) : plain.body
  for (const encoding of encodings) {
    const compress = Object.hasOwn(COMPRESS, encoding) ? COMPRESS[encoding] : undefined
    if (!compress) {
      throw new MusicboxError(
        'script.failed',
        `expected params.compression to name ${Object.keys(COMPRESS).join(', ')}, got ${JSON.stringify(compression)}`,
      )
    }
    bytes = compress(bytes)
  }
  return { ...plain, body: bytes, contentEncoding: encodings.join(', ') }
}

function plainBody(given: unknown): RequestBody {
  if (given === undefined || given === null) return NOTHING
  if (typeof given === 'string') return { ...NOTHING, body: given }
  const bytes = bytesOf(given)
  if (bytes) return { ...NOTHING, body: bytes }
  if (typeof given !== 'object') return { ...NOTHING, body: String(given) }
  const fields = Object.entries(given)
  if (fields.some(([, value]) => value instanceof FileData)) return multipart(fields)
  const form = new URLSearchParams()
  for (const [name, value] of fields) for (const one of valuesOf(value)) form.append(name, textOf(name, one))
  return { ...NOTHING, body: form.toString(), contentType: 'application/x-www-form-urlencoded' }
}

/** Of the bytes that a script can make: an ArrayBuffer, or a view into one. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
}

function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  throw new MusicboxError(
    'script.failed',
    `expected the form field "${name}" to be text or a number, got an object`,
    'Send JSON.stringify(…) with the header Content-Type: application/json, or make fields of its parts.',
  )
}

/** RFC 7578. */
function multipart(fields: readonly [string, unknown][]): RequestBody {
  const boundary = randomBytes(24).toString('hex')
  const parts: Uint8Array[] = []
  for (const [name, value] of fields) {
    for (const one of valuesOf(value)) {
      const file = one instanceof FileData ? one : undefined
      const as = file ? `; filename="${quoted(file.filename)}"\r\nContent-Type: ${oneLine(file.content_type)}` : ''
      const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${as}\r\n\r\n`
      const data = file ? file.data : textOf(name, one)
      parts.push(Buffer.from(head), bytesOf(data) ?? Buffer.from(String(data)), Buffer.from('\r\n'))
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { ...NOTHING, body: Buffer.concat(parts), contentType: `multipart/form-data; boundary=${boundary}` }
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ')
}
