/** The forms of the servers' configuration files. */

/** A file in a service's configuration folder. */
export interface ConfigurationFile {
  name: string
  text: string
}

export type Settings = Readonly<Record<string, string | number | boolean>>

/** Hadoop's, HBase's and Hive's form. */
export function hadoopXml(settings: Settings): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `  <property><name>${name}</name><value>${escapeXml(String(value))}</value></property>\n`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n${lines.join('')}</configuration>\n`
}

/** Java's form, as Kafka and log4j read it. */
export function javaProperties(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('')
}

/** Logging to standard output, which the supervisor keeps, by log4j 2 (Kafka, Hive). @param levels by logger */
export function log4j2(level: string, levels: Readonly<Record<string, string>> = {}): string {
  const loggers = Object.entries(levels).flatMap(([logger, its], index) => [
    [`logger.${index}.name`, logger],
    [`logger.${index}.level`, its],
  ])
  return javaProperties({
    'appender.console.type': 'Console',
    'appender.console.name': 'console',
    'appender.console.layout.type': 'PatternLayout',
    'appender.console.layout.pattern': '%d{ISO8601} %p %c{1}: %m%n',
    'rootLogger.level': level,
    'rootLogger.appenderRef.console.ref': 'console',
    ...Object.fromEntries(loggers),
  })
}

/** The same by log4j 1's successor (Hadoop, HBase). */
export function log4j1(level: string, levels: Readonly<Record<string, string>> = {}): string {
  return javaProperties({
    'log4j.rootLogger': `${level}, console`,
    'log4j.appender.console': 'org.apache.log4j.ConsoleAppender',
    'log4j.appender.console.layout': 'org.apache.log4j.PatternLayout',
    'log4j.appender.console.layout.ConversionPattern': '%d{ISO8601} %p %c{1}: %m%n',
    ...Object.fromEntries(Object.entries(levels).map(([logger, its]) => [`log4j.logger.${logger}`, its])),
  })
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
