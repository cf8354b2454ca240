/**
 * What is made of an object, made once for each: pass the same object, not a copy, where speed matters. What was made
 * goes when its object goes.
 */
export function perObject<From extends object, Made>(make: (from: From) => Made): (from: From) => Made {
  const made = new WeakMap<From, Made>()
  return (from) => {
    const known = made.get(from)
    if (known !== undefined) return known
    const fresh = make(from)
    made.set(from, fresh)
    return fresh
  }
}
