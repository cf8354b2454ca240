/** NumPy's file format 1.0: a text that describes one array, padded to 64 bytes, then its bytes as they lie in memory. */

/** The bytes before those of a one-dimensional array. @param type NumPy's name, as `<i4` */
export function npyHeader(type: string, length: number): Uint8Array {
  const described = `{'descr': '${type}', 'fortran_order': False, 'shape': (${length},), }`
  const size = Math.ceil((10 + described.length + 1) / 64) * 64
  const bytes = new Uint8Array(size).fill(0x20)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (size - 10) & 255, (size - 10) >>> 8])
  new TextEncoder().encodeInto(described, bytes.subarray(10))
  bytes[size - 1] = 0x0a
  return bytes
}
