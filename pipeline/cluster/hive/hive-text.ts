/** Texts on their way into Hive: literals of statements, and rows of text tables. */

/**
 * A text literal. Nothing but plain characters stands as it is: quotes and backslashes end a literal or begin an escape,
 * `${…}` is replaced by a setting wherever it stands, and `--` may be taken for a comment. Half a surrogate pair, which
 * UTF-8 cannot hold, becomes U+FFFD.
 */
export function quoted(text: string): string {
  const escaped = text.toWellFormed().replace(/[^\w .,:/=-]|(?<=-)-/g, (unit) => unitsEscaped(unit))
  return `'${escaped}'`
}

/** Literals with commas between them. */
export function quotedList(texts: readonly string[]): string {
  return texts.map(quoted).join(', ')
}

/** A name of a database, table or column. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function unitsEscaped(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}

/** How a table of such rows is declared. */
export const TEXT_ROWS = `ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
  WITH SERDEPROPERTIES ('field.delim' = '\\t', 'escape.delim' = '\\\\', 'serialization.escape.crlf' = 'true')
  STORED AS TEXTFILE`

/** A line of a text table, newline included. A missing value is `\N`, which an escaped text cannot be. */
export function textRow(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '\\N' : escaped(value.toWellFormed()))).join('\t')}\n`
}

function escaped(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (char) => ({ '\n': '\\n', '\r': '\\r' })[char] ?? `\\${char}`)
}
