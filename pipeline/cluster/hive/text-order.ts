/** The order of texts by code points, which is that of their UTF-8 bytes and of databases; `<` orders by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return orderOf(one) - orderOf(other)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others, yet units of the last Basic Multilingual block are greater. */
function orderOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
