/**
 * The body of a Prometheus remote write request, version 1.0: the message `prometheus.WriteRequest`, in snappy's block
 * format (https://prometheus.io/docs/specs/prw/remote_write_spec/).
 */
import { PbfWriter } from 'pbf'
import { compress } from 'snappyjs'

/** One value of one series. Labels are sorted by name, `__name__` among them. */
export interface TimeSeries {
  labels: readonly Label[]
  /** `stale` ends the series: queries stop finding it at once, not five minutes later. */
  value: number | 'stale'
}

export type Label = readonly [name: string, value: string]

export const WRITE_REQUEST_HEADERS: Readonly<Record<string, string>> = {
  'Content-Encoding': 'snappy',
  'Content-Type': 'application/x-protobuf',
  'X-Prometheus-Remote-Write-Version': '0.1.0',
}

/** @param time_ms Unix time of all values */
export function encodeWriteRequest(series: readonly TimeSeries[], time_ms: number): Uint8Array<ArrayBuffer> {
  const request = new PbfWriter()
  for (const one of series) request.writeMessage(1, writeSeries, { ...one, time_ms })
  // Plain memory of its own, which is what a request takes as a body.
  return Uint8Array.from(compress(request.finish()))
}

function writeSeries({ labels, value, time_ms }: TimeSeries & { time_ms: number }, message: PbfWriter): void {
  for (const label of labels) message.writeMessage(1, writeLabel, label)
  message.writeMessage(2, writeSample, { value, time_ms })
}

function writeLabel([name, value]: Label, message: PbfWriter): void {
  message.writeStringField(1, name)
  message.writeStringField(2, value)
}

function writeSample({ value, time_ms }: { value: number | 'stale'; time_ms: number }, message: PbfWriter): void {
  if (value === 'stale') {
    // The one NaN that means it, bit by bit: as a number it would come out as any other NaN.
    message.writeTag(1, WIRE_FIXED64)
    message.writeFixed32(STALE_BITS.low)
    message.writeFixed32(STALE_BITS.high)
  } else {
    message.writeDoubleField(1, value)
  }
  message.writeVarintField(2, Math.round(time_ms))
}

const WIRE_FIXED64 = 1
const STALE_BITS = { high: 0x7ff0_0000, low: 2 }
