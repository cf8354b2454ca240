/** Undoes the compression of an answer, as its field `Content-Encoding` names it. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { NetworkError } from './network-error.ts'

/** A body that is larger when unpacked is refused: a few kilobytes can claim to be terabytes. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024

/**
 * @param encodings as the field has them, in the order in which they were applied
 * @throws NetworkError `encoding` for bytes that are not what the field says, or unpack to more than 256 MiB. What is
 *   encoded in a way not known here is left as it is, as in k6
 */
export function decoded(body: Buffer, encodings: string): Buffer {
  let bytes = body
  for (const encoding of encodings.toLowerCase().split(',').reverse()) {
    if (bytes.length === 0) return bytes
    try {
      bytes = undo(bytes, encoding.trim())
    } catch (error) {
      throw new NetworkError('encoding', `${encoding.trim()}: ${(error as Error).message}`, { cause: error })
    }
  }
  return bytes
}

function undo(bytes: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: UNPACKED_BYTES_MAX }
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, limit)
  if (encoding === 'br') return brotliDecompressSync(bytes, limit)
  if (encoding === 'zstd') return zstdDecompressSync(bytes, limit)
  if (encoding !== 'deflate') return bytes
  // Zlib's wrapper has the method 8 in its first byte; servers that leave the wrapper out are not rare.
  return (bytes[0]! & 0x0f) === 8 ? inflateSync(bytes, limit) : inflateRawSync(bytes, limit)
}
