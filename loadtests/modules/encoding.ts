/** The module `k6/encoding`: base64. */
type Form = 'std' | 'rawstd' | 'url' | 'rawurl'

export function encodingModule(): Record<string, unknown> {
  return {
    b64encode(input: string | ArrayBuffer, form: Form = 'std'): string {
      const bytes = typeof input === 'string' ? Buffer.from(input) : Buffer.from(input)
      const text = bytes.toString(form.endsWith('url') ? 'base64url' : 'base64')
      if (form.startsWith('raw')) return text.replace(/=+$/, '')
      return text + '='.repeat((4 - (text.length % 4)) % 4)
    },
    b64decode(input: string, form: Form = 'std', output?: 's'): string | ArrayBuffer {
      const bytes = Buffer.from(input, form.endsWith('url') ? 'base64url' : 'base64')
      return output === 's' ? bytes.toString('utf8') : new Uint8Array(bytes).buffer
    },
  }
}
