/**
 * A source with the parts blanked out that are no code, so that a search for words finds code alone. Line breaks stay, and
 * every other character keeps its place.
 *
 * It is a scanner of tokens, not a parser: it tells comments, strings, templates (what stands in `${…}` is code again) and
 * regular expressions apart. Whether a `/` begins an expression or divides is told by what stands before it, which is
 * right but for a `)` or `}` that ends a statement's head or block; there it is taken for a division.
 */
export interface SourceText {
  /** Without comments. */
  withoutComments: string
  /** Without comments, and without what is in strings, templates and regular expressions. */
  codeOnly: string
}

export function readSource(source: string): SourceText {
  const scan = new Scan(source)
  scan.code(undefined)
  return { withoutComments: scan.uncommented.join(''), codeOnly: scan.plain.join('') }
}

/** What may stand before an expression, and so before a regular expression. */
const BEFORE_EXPRESSION =
  /(^|[([{,;=:?!&|+\-*%<>~^]|=>|\b(return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield))\s*$/

class Scan {
  readonly uncommented: string[]
  readonly plain: string[]
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
    this.uncommented = [...source.split('')]
    this.plain = [...this.uncommented]
  }

  /** Up to the end, or up to the brace that ends a template's piece of code. */
  code(end: '}' | undefined): void {
    let depth = 0
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at]!
      const two = this.#source.slice(this.#at, this.#at + 2)
      if (two === '//') this.#comment('\n')
      else if (two === '/*') this.#comment('*/')
      else if (char === '"' || char === "'") this.#literal(char)
      else if (char === '`') this.#template()
      else if (char === '/' && this.#beginsExpression()) this.#regularExpression()
      else {
        if (char === '{') depth++
        if (char === '}' && depth-- === 0 && end !== undefined) return
        this.#at++
      }
    }
  }

  #comment(end: string): void {
    const found = this.#source.indexOf(end, this.#at + 2)
    const to = found < 0 ? this.#source.length : end === '\n' ? found : found + end.length
    while (this.#at < to) this.#blank(this.uncommented, this.plain)
  }

  #literal(quote: string): void {
    this.#at++
    while (this.#at < this.#source.length && !`${quote}\n`.includes(this.#source[this.#at]!)) this.#inside()
    this.#at++
  }

  #template(): void {
    this.#at++
    while (this.#at < this.#source.length && this.#source[this.#at] !== '`') {
      if (this.#source.startsWith('${', this.#at)) {
        this.#at += 2
        this.code('}')
        this.#at++
      } else {
        this.#inside()
      }
    }
    this.#at++
  }

  #regularExpression(): void {
    this.#at++
    let inClass = false
    while (this.#at < this.#source.length && this.#source[this.#at] !== '\n') {
      const char = this.#source[this.#at]!
      if (char === '/' && !inClass) break
      if (char === '[') inClass = true
      if (char === ']') inClass = false
      this.#inside()
    }
    this.#at++
  }

  #beginsExpression(): boolean {
    return BEFORE_EXPRESSION.test(this.plain.slice(Math.max(0, this.#at - 80), this.#at).join(''))
  }

  /** One character of a literal, or two when the first is a backslash. */
  #inside(): void {
    if (this.#source[this.#at] === '\\') this.#blank(this.plain)
    if (this.#at < this.#source.length) this.#blank(this.plain)
  }

  #blank(...texts: string[][]): void {
    if (this.#source[this.#at] !== '\n') for (const text of texts) text[this.#at] = ' '
    this.#at++
  }
}
