/**
 * The partition of a key: the same on every backend and machine, so that the same events give the same raw files.
 *
 * FNV-1a over the key's UTF-8 bytes, then MurmurHash3's finalizer, because FNV's low bits alone follow the last bytes of
 * the key too closely to share keys out evenly among few partitions.
 */
export function partitionOf(key: string, partitionCount: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    if (unit > 0x7f) return finish(hashBytes(encoder.encode(key.slice(i)), hash)) % partitionCount
    hash = Math.imul(hash ^ unit, FNV_PRIME)
  }
  return finish(hash) % partitionCount
}

const FNV_PRIME = 0x01000193
const encoder = new TextEncoder()

function hashBytes(bytes: Uint8Array, seed: number): number {
  let hash = seed
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return hash
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
