import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hadoopXml, javaProperties, log4j1, log4j2 } from './configuration.ts'

describe('the configuration files', () => {
  it('are XML for Hadoop, with what XML means something by escaped', () => {
    assert.equal(
      hadoopXml({ 'a.b': 'x<y&z>', on: true, count: 3 }),
      '<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n' +
        '  <property><name>a.b</name><value>x&lt;y&amp;z&gt;</value></property>\n' +
        '  <property><name>on</name><value>true</value></property>\n' +
        '  <property><name>count</name><value>3</value></property>\n</configuration>\n',
    )
  })

  it('are properties for Kafka, with backslashes doubled', () => {
    assert.equal(javaProperties({ 'log.dirs': 'C:\\data', n: 1 }), 'log.dirs=C:\\\\data\nn=1\n')
  })

  it('send every log to standard output, at the level that each logger was given', () => {
    assert.match(log4j1('INFO', { 'a.b': 'WARN' }), /^log4j.rootLogger=INFO, console\n(.*\n)*log4j.logger.a.b=WARN\n$/)
    const text = log4j2('WARN', { 'a.b': 'INFO' })
    assert.match(text, /^rootLogger.level=WARN$/m)
    assert.match(text, /^logger.0.name=a.b\nlogger.0.level=INFO$/m)
  })
})
