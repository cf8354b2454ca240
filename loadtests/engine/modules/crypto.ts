/** The module `k6/crypto`, on Node's own. */
import { createHash, createHmac, getHashes, type Hash, type Hmac, randomBytes } from 'node:crypto'
import { MusicboxError } from '../../../datasets/failure.ts'
import { bytesOf } from '../../http/request-body.ts'

/** k6's name of an algorithm, and OpenSSL's. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  md4: 'md4',
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sha512_224: 'sha512-224',
  sha512_256: 'sha512-256',
  ripemd160: 'ripemd160',
}

type Digest = string | ArrayBuffer

/** All users share it: it knows nothing of them. */
export function cryptoModule(): Record<string, unknown> {
  return Object.create(SAME_FOR_ALL)
}

/** `digest` may be asked again, and after more was added: it tells of all that was added so far. */
class Hasher {
  /** Begins anew: Node ends a hash with its digest, and an HMAC cannot be copied before. */
  readonly #begin: () => Hash | Hmac
  readonly #added: Uint8Array[] = []

  constructor(begin: () => Hash | Hmac) {
    this.#begin = begin
  }

  update(input: unknown): this {
    this.#added.push(Uint8Array.from(bytesIn(input)))
    return this
  }

  digest(encoding = 'hex'): Digest {
    const hash = this.#begin()
    for (const added of this.#added) hash.update(added)
    return encoded(hash.digest(), encoding)
  }
}

function hasher(name: string): Hasher {
  const algorithm = algorithmOf(name)
  return new Hasher(() => createHash(algorithm))
}

function hmacHasher(name: string, secret: unknown): Hasher {
  const algorithm = algorithmOf(name)
  const key = Uint8Array.from(bytesIn(secret))
  return new Hasher(() => createHmac(algorithm, key))
}

function algorithmOf(name: string): string {
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name]! : undefined
  if (algorithm === undefined) {
    throw new MusicboxError(
      'script.failed',
      `expected an algorithm of ${Object.keys(ALGORITHMS).join(', ')}, got ${JSON.stringify(name)}`,
    )
  }
  if (getHashes().some((known) => known.toLowerCase() === algorithm || known.toLowerCase() === `rsa-${algorithm}`)) {
    return algorithm
  }
  throw new MusicboxError(
    'script.failed',
    `${name} is not among the algorithms of this machine’s OpenSSL, which has given up what is broken`,
    'Use sha256, or run the script with k6.',
  )
}

function bytesIn(input: unknown): Uint8Array {
  const given = bytesOf(input)
  if (given) return given
  if (typeof input === 'string') return Buffer.from(input)
  throw new MusicboxError(
    'script.failed',
    `expected text or an ArrayBuffer, got ${input === null ? 'null' : typeof input}`,
  )
}

const ENCODINGS: Readonly<Record<string, (digest: Buffer) => Digest>> = {
  hex: (digest) => digest.toString('hex'),
  base64: (digest) => digest.toString('base64'),
  // With padding; `base64rawurl` is without.
  base64url: (digest) => digest.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  base64rawurl: (digest) => digest.toString('base64url'),
  binary: (digest) => new Uint8Array(digest).buffer,
}

function encoded(digest: Buffer, encoding: string): Digest {
  const encode = Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding] : undefined
  if (encode) return encode(digest)
  throw new MusicboxError(
    'script.failed',
    `expected an output encoding of ${Object.keys(ENCODINGS).join(', ')}, got ${JSON.stringify(encoding)}`,
  )
}

const SAME_FOR_ALL = Object.freeze({
  ...Object.fromEntries(
    Object.keys(ALGORITHMS).map((name) => [
      name,
      (input: unknown, encoding?: string): Digest => hasher(name).update(input).digest(encoding),
    ]),
  ),
  createHash: hasher,
  createHMAC: hmacHasher,
  hmac: (name: string, secret: unknown, input: unknown, encoding?: string): Digest =>
    hmacHasher(name, secret).update(input).digest(encoding),
  hexEncode: (input: unknown) => Buffer.from(bytesIn(input)).toString('hex'),
  randomBytes(size: number): ArrayBuffer {
    if (Number.isSafeInteger(size) && size >= 1) return new Uint8Array(randomBytes(size)).buffer
    throw new MusicboxError('script.failed', `expected crypto.randomBytes() to get a whole number above 0, got ${size}`)
  },
})
