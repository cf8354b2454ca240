/** The module `k6/encoding`: base64 (RFC 4648) in its four forms. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { bytesOf } from '../../http/request-body.ts'

/** All users share it: it knows nothing of them. */
export function encodingModule(): Record<string, unknown> {
  return Object.create(SAME_FOR_ALL)
}

interface Form {
  url: boolean
  padded: boolean
}

const FORMS: Readonly<Record<string, Form>> = {
  std: { url: false, padded: true },
  rawstd: { url: false, padded: false },
  url: { url: true, padded: true },
  rawurl: { url: true, padded: false },
}

const SAME_FOR_ALL = Object.freeze({
  b64encode(input: unknown, name = 'std'): string {
    const { url, padded } = formOf(name)
    const bytes = bytesOf(input)
    const text = (bytes ? Buffer.from(bytes) : Buffer.from(String(input))).toString(url ? 'base64url' : 'base64')
    return unpadded(text) + (padded ? paddingOf(unpadded(text)) : '')
  },

  b64decode(input: string, name = 'std', output?: 's'): string | ArrayBuffer {
    const { url, padded } = formOf(name)
    const digits = unpadded(input)
    const wellFormed = (url ? /^[\w-]*$/ : /^[A-Za-z0-9+/]*$/).test(digits) && digits.length % 4 !== 1
    // Node passes over what does not belong there, and k6 does not.
    if (!wellFormed || input !== digits + (padded ? paddingOf(digits) : '')) {
      throw new MusicboxError('script.failed', `expected base64 of the form "${name}", got ${JSON.stringify(input)}`)
    }
    const bytes = Buffer.from(digits, 'base64')
    return output === 's' ? bytes.toString('utf8') : new Uint8Array(bytes).buffer
  },
})

function formOf(name: string): Form {
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined
  if (form) return form
  throw new MusicboxError(
    'script.failed',
    `expected a form of base64 of ${Object.keys(FORMS).join(', ')}, got ${JSON.stringify(name)}`,
  )
}

function unpadded(text: string): string {
  return text.replace(/=+$/, '')
}

function paddingOf(digits: string): string {
  return '='.repeat((4 - (digits.length % 4)) % 4)
}
