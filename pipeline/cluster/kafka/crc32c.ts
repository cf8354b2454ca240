/** CRC-32C (Castagnoli), which Kafka's record batches carry. Node's zlib has only the other CRC-32. */
const POLYNOMIAL = 0x82f63b78

/**
 * Eight tables, so that eight bytes take one step ("slicing by 8", Kounavis and Berry 2005): a loop over single bytes waits
 * for each table look-up before it can begin the next.
 */
const TABLES = makeTables()

/** Of the bytes from `start` on, as an unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [Table, Table, Table, Table, Table, Table, Table, Table]
  let sum = -1
  let at = start
  for (const last = bytes.length - 8; at <= last; at += 8) {
    sum =
      t7[(sum ^ bytes[at]!) & 0xff]! ^
      t6[((sum >>> 8) ^ bytes[at + 1]!) & 0xff]! ^
      t5[((sum >>> 16) ^ bytes[at + 2]!) & 0xff]! ^
      t4[((sum >>> 24) ^ bytes[at + 3]!) & 0xff]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) sum = t0[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8)
  return ~sum >>> 0
}

type Table = Int32Array

function makeTables(): Table[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1
    return sum
  })
  const tables = [first]
  while (tables.length < 8) {
    tables.push(tables.at(-1)!.map((sum) => first[sum & 0xff]! ^ (sum >>> 8)))
  }
  return tables
}
