/**
 * Writes the YAML of our configuration files: mappings, sequences, text, numbers and booleans, in block style. Text of
 * several lines becomes a literal block; all other text is quoted, so no `no`, `1.20` or `:` can be mistaken.
 */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined }

/** @param heading comment lines without `#`, put first */
export function toYaml(value: Yaml, heading: readonly string[] = []): string {
  return `${heading.map((line) => `# ${line}\n`).join('')}${block(value, '').replace(/^\n/, '')}\n`
}

/** The text after `key:` or `-`: on the same line for a scalar, on lines of its own for the rest. */
function block(value: Yaml, indent: string): string {
  if (typeof value === 'string') return scalar(value, indent)
  if (typeof value !== 'object') return ` ${value}`
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []'
    return value.map((item: Yaml) => `\n${indent}-${inline(item, `${indent}  `)}`).join('')
  }
  const entries = Object.entries(value).filter((entry): entry is [string, Yaml] => entry[1] !== undefined)
  if (entries.length === 0) return ' {}'
  return entries.map(([key, each]) => `\n${indent}${plainKey(key)}:${block(each, `${indent}  `)}`).join('')
}

/** A mapping inside a sequence starts on the dash's line. */
function inline(value: Yaml, indent: string): string {
  return block(value, indent).replace(/^\n */, ' ')
}

function scalar(text: string, indent: string): string {
  // A literal block cannot carry control characters, and leading space would be taken for its indentation.
  const literal = /^\S/.test(text) && text.includes('\n') && !text.endsWith('\n') && !/[^\n\u0020-\ud7ff]/.test(text)
  if (!literal) return ` ${quoted(text)}`
  return ` |-\n${text
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n')}`
}

/** Single quotes where double ones would need escapes only for themselves: as the repository's formatter has it. */
function quoted(text: string): string {
  return text.includes('"') && !/['\\]|[^\u0020-\ud7ff]/.test(text) ? `'${text}'` : JSON.stringify(text)
}

function plainKey(key: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(key) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(key)
    ? key
    : JSON.stringify(key)
}
