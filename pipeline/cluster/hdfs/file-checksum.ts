/**
 * What HDFS's checksum of a file must be, computed from the bytes that were sent. It covers what nothing else does: the
 * way from this process to the datanode, which makes its own checksums only of what has arrived.
 *
 * `MD5-of-4MD5-of-512CRC32C` reads: each 512 bytes have a CRC-32C, each 4 of them are a block with the MD5 of its CRCs,
 * and the file has the MD5 of its blocks' MD5s; 0 stands for a file of one block. Blocks hold whole chunks.
 *
 * Source: `MD5MD5CRC32FileChecksum` and `FileChecksumHelper` of Hadoop. WebHDFS answers in this form whatever
 * `dfs.checksum.combine.mode` says; it is not comparable between clusters whose blocks differ in size, which is why the
 * sizes are read from the answer. An erasure-coded file is put together otherwise and never matches.
 */
import { createHash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** @returns hex; undefined when the algorithm is none that we know */
export function fileChecksum(algorithm: string, bytes: Uint8Array): string | undefined {
  const form = /^MD5-of-(\d+)MD5-of-(\d+)(CRC32C?)$/.exec(algorithm)
  if (!form) return undefined
  const chunksInBlock = Number(form[1])
  const chunkBytes = Number(form[2])
  if (chunkBytes === 0) return undefined
  const crc = form[3] === 'CRC32' ? crc32 : crc32c
  const blockBytes = chunksInBlock === 0 ? bytes.length : chunksInBlock * chunkBytes
  const file = createHash('md5')
  for (let at = 0; at < bytes.length; at += blockBytes) {
    file.update(blockMd5(bytes.subarray(at, at + blockBytes), chunkBytes, crc))
  }
  return file.digest('hex')
}

/** The MD5 in an answer to GETFILECHECKSUM, hex: it follows the chunk's size (4 bytes) and the block's (8 bytes). */
export function md5Of(answer: string): string {
  return answer.slice(24, 56)
}

function blockMd5(block: Uint8Array, chunkBytes: number, crc: (bytes: Uint8Array) => number): Buffer {
  const sums = Buffer.alloc(4 * Math.ceil(block.length / chunkBytes))
  for (let at = 0, chunk = 0; at < block.length; at += chunkBytes, chunk++) {
    sums.writeUInt32BE(crc(block.subarray(at, at + chunkBytes)), 4 * chunk)
  }
  return hash('md5', sums, 'buffer')
}

/** Remainders of each byte for Castagnoli's polynomial, bits reversed. */
const CASTAGNOLI = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1
  return remainder
})

/** CRC-32C, which Node has not; CRC-32 it has. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) crc = CASTAGNOLI[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
