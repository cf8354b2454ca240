import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Counter, Gauge, Registry } from 'prom-client'
import { parsePrometheusText } from './prometheus-text.ts'

describe("Prometheus' text format", () => {
  it('is read with labels, escapes, special values and time stamps; what is no sample is passed over', () => {
    const text = [
      '# HELP http_requests_total Requests. # TYPE x counter',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'msdos_file{path="C:\\\\DIR\\\\F.TXT",error="Cannot find:\\n\\"F.TXT\\" {x}",} 1.458255915e9',
      'plain 12.47',
      'spaced { a = "b" , c="d" }   -4e-2\t-12',
      'up +Inf',
      'down{} -Inf',
      'nothing Nan',
      '',
      'half{a="b"',
      'half{a=b} 1',
      'word one',
      '7up 1',
      '<html>',
    ].join('\r\n')
    assert.deepEqual(parsePrometheusText(text), [
      { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
      { name: 'msdos_file', labels: { path: 'C:\\DIR\\F.TXT', error: 'Cannot find:\n"F.TXT" {x}' }, value: 1458255915 },
      { name: 'plain', labels: {}, value: 12.47 },
      { name: 'spaced', labels: { a: 'b', c: 'd' }, value: -0.04 },
      { name: 'up', labels: {}, value: Number.POSITIVE_INFINITY },
      { name: 'down', labels: {}, value: Number.NEGATIVE_INFINITY },
      { name: 'nothing', labels: {}, value: Number.NaN },
    ])
  })

  it('gives back what the client library of the servers writes, whatever the label', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r', 'a\u2028b', '\\n', '"}')),
        fc.double().filter((value) => !Object.is(value, -0)),
        async (label, value) => {
          const registers = [new Registry()]
          new Gauge({ name: 'g', help: 'h', labelNames: ['l'], registers }).set({ l: label }, value)
          new Counter({ name: 'c_total', help: 'h', registers }).inc(3)
          assert.deepEqual(parsePrometheusText(await registers[0]!.metrics()), [
            { name: 'g', labels: { l: label }, value },
            { name: 'c_total', labels: {}, value: 3 },
          ])
        },
      ),
    )
  })
})
