/**
 * The run capsule: all that is known of one run, in one file. It is enough to read the run years later, to compare it
 * with another and to make it again; and it holds no secret.
 */
import { z } from 'zod'

/** Readers refuse greater versions; a field that is added and may be absent needs no new version. */
export const CAPSULE_VERSION = 1

const count = z.number().int().nonnegative()
const finite = z.number()

const latency = z.looseObject({
  count,
  avg: finite,
  p50: finite,
  p90: finite,
  p95: finite,
  p99: finite,
  max: finite,
})

const point = z.discriminatedUnion('type', [
  z.object({ type: z.literal('counter'), total: finite }),
  z.object({ type: z.literal('gauge'), value: finite, min: finite, max: finite }),
  z.object({ type: z.literal('rate'), total: count, trues: count }),
  z.object({
    type: z.literal('trend'),
    count,
    sum: finite,
    min: finite,
    max: finite,
    p50: finite,
    p90: finite,
    p95: finite,
    p99: finite,
    p999: finite,
    histogram: z.string().optional(),
  }),
])

const bucket = z.object({
  at_s: finite,
  width_s: z.number().positive(),
  vus: finite,
  series: z.record(z.string(), point),
})

const mark = z.object({
  at_s: finite,
  until_s: finite.optional(),
  kind: z.enum(['fault', 'pause', 'scale', 'abort', 'threshold']),
  text: z.string(),
})

const threshold = z.looseObject({
  metric: z.string(),
  threshold: z.string(),
  /** What was measured: of a windowed threshold, in its worst window. */
  value: finite,
  ok: z.boolean(),
  window: z.object({ from_s: finite, to_s: finite }).optional(),
})

const fates = z.object({ accepted: count, duplicate: count, refused: count, unknown: count })

const result = z.looseObject({
  exitCode: z.number().int(),
  problem: z.string().optional(),
  listeners: count,
  seconds: finite,
  iterations: z.looseObject({ completed: count, interrupted: count, failed: count, dropped: count }),
  fates,
  accepted_per_s: finite,
  traffic: z.looseObject({ events: count, digest: z.string(), malformed: count }),
  requests: z.looseObject({ count, per_s: finite, failed: count }),
  http_req_duration: latency,
  response_time: latency,
  checks: z.looseObject({ passes: count, fails: count }),
  thresholds: z.array(threshold),
  generator: z.looseObject({ verdict: z.enum(['VALID', 'SUSPECT', 'INVALID']), reasons: z.array(z.string()) }),
})

/** What settling the ledger against the reports found: a part of what `musicbox verify --json` prints. */
export const proofSchema = z.looseObject({
  verdict: z.enum(['PROVEN', 'OPEN', 'FAILED']),
  accepted: count,
  reported: count,
  lost: count,
  doubled: count,
  altered: count,
  unknown: count,
  unknown_landed: count,
  refused_but_present: count,
  found: z.array(
    z.looseObject({
      eid: z.string().optional(),
      fault: z.string(),
      stage: z.string(),
      day: z.string(),
      hour: z.string(),
    }),
  ),
  found_total: count,
})

export const capsuleSchema = z.object({
  format: z.literal('musicbox-run'),
  version: z.literal(CAPSULE_VERSION),
  /** Equal labels send equal events. */
  run: z.string(),
  seed: z.string().optional(),
  /** What to type to make the run again, word by word; secrets are left out. */
  command: z.array(z.string()),
  script: z.string(),
  /** SHA-256 over all files of the script, hex. */
  script_hash: z.string(),
  /** k6's options, as run. */
  options: z.record(z.string(), z.unknown()),
  /** What the script found in `__ENV`; secrets are left out. */
  env: z.record(z.string(), z.string()),
  versions: z.object({ musicbox: z.string(), node: z.string() }),
  machine: z.object({ cores: count, memory_bytes: count, cpu: z.string(), os: z.string() }),
  /** Unix time, ms. */
  started_ms: count,
  result,
  /** One line a check, in the order in which they first came. */
  checks: z.array(z.object({ name: z.string(), group: z.string(), passes: count, fails: count })),
  timeline: z.array(bucket),
  marks: z.array(mark),
  /** Totals of the trends: HdrHistogram, compressed, base64; values are 1,000 times the metric's. */
  histograms: z.record(z.string(), z.string()),
  ledger: z.object({ file: z.string(), bytes: count, sha256: z.string() }).optional(),
  proof: proofSchema.optional(),
})

export type Capsule = z.infer<typeof capsuleSchema>
