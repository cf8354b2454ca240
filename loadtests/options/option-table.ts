/**
 * Every option of k6 by name: its form, the variable that also sets it, and, where this engine does not do what it asks
 * for, why and what to do instead. So no option is silently without effect.
 */
import type { FORMS } from './option-form.ts'

export interface KnownOption {
  form: keyof typeof FORMS
  variable?: string
  /** What to do instead. */
  refused?: string
  /** The value that asks for what this engine does anyway. */
  harmless?: unknown
}

export const OPTIONS: Readonly<Record<string, KnownOption>> = {
  // How much is run
  scenarios: { form: 'object' },
  vus: { form: 'count', variable: 'K6_VUS' },
  iterations: { form: 'count', variable: 'K6_ITERATIONS' },
  duration: { form: 'duration', variable: 'K6_DURATION' },
  stages: { form: 'stages', variable: 'K6_STAGES' },
  minIterationDuration: { form: 'duration', variable: 'K6_MIN_ITERATION_DURATION' },
  executionSegment: { form: 'text', refused: 'Leave it out; --workers N shares a run among processes.' },
  executionSegmentSequence: { form: 'text', refused: 'Leave it out; --workers N shares a run among processes.' },
  paused: {
    form: 'boolean',
    variable: 'K6_PAUSED',
    harmless: false,
    refused: 'Leave it out and start the run when it shall begin; --live lets you pause it.',
  },
  linger: {
    form: 'boolean',
    variable: 'K6_LINGER',
    harmless: false,
    refused: 'Leave it out; a run ends with its scenarios, and --report or --capsule keeps what it found.',
  },

  // Requests
  rps: { form: 'count or 0', variable: 'K6_RPS' },
  userAgent: { form: 'text', variable: 'K6_USER_AGENT' },
  maxRedirects: { form: 'count or 0', variable: 'K6_MAX_REDIRECTS' },
  discardResponseBodies: { form: 'boolean', variable: 'K6_DISCARD_RESPONSE_BODIES' },
  noConnectionReuse: { form: 'boolean', variable: 'K6_NO_CONNECTION_REUSE' },
  noVUConnectionReuse: { form: 'boolean', variable: 'K6_NO_VU_CONNECTION_REUSE' },
  noCookiesReset: { form: 'boolean', variable: 'K6_NO_COOKIES_RESET' },
  throw: { form: 'boolean', variable: 'K6_THROW' },
  hosts: { form: 'texts by name' },
  batch: {
    form: 'count or 0',
    variable: 'K6_BATCH',
    refused: 'Leave it out; await Promise.all over http.asyncRequest in place of http.batch.',
  },
  batchPerHost: {
    form: 'count or 0',
    variable: 'K6_BATCH_PER_HOST',
    refused: 'Leave it out; await Promise.all over http.asyncRequest in place of http.batch.',
  },
  blacklistIPs: {
    form: 'texts',
    variable: 'K6_BLACKLIST_IPS',
    refused: 'Leave it out; only addresses that the script names are asked.',
  },
  blockHostnames: {
    form: 'texts',
    variable: 'K6_BLOCK_HOSTNAMES',
    refused: 'Leave it out; only addresses that the script names are asked.',
  },
  dns: {
    form: 'object',
    refused: 'Leave it out; name the address of a host in the option hosts to be independent of how it is looked up.',
  },
  localIPs: {
    form: 'text',
    variable: 'K6_LOCAL_IPS',
    refused: 'Leave it out; the system chooses the sending address.',
  },
  httpDebug: {
    form: 'text',
    variable: 'K6_HTTP_DEBUG',
    harmless: '',
    refused: 'Leave it out; --out json=FILE has a line for each request, and the script can log what it gets.',
  },

  // TLS
  insecureSkipTLSVerify: { form: 'boolean', variable: 'K6_INSECURE_SKIP_TLS_VERIFY' },
  tlsAuth: { form: 'object', refused: 'Leave it out; client certificates need k6 itself: --engine k6.' },
  tlsCipherSuites: { form: 'texts', refused: 'Leave it out; Node’s cipher suites are used. Or: --engine k6.' },
  tlsVersion: { form: 'text', refused: 'Leave it out; TLS 1.2 and 1.3 are used. Or: --engine k6.' },
  tlsAIAFetch: { form: 'boolean', harmless: false, refused: 'Let the server send its whole certificate chain.' },

  // Before and after
  setupTimeout: { form: 'duration', variable: 'K6_SETUP_TIMEOUT' },
  teardownTimeout: { form: 'duration', variable: 'K6_TEARDOWN_TIMEOUT' },
  handleSummaryTimeout: { form: 'duration', variable: 'K6_HANDLE_SUMMARY_TIMEOUT' },
  noSetup: { form: 'boolean', variable: 'K6_NO_SETUP' },
  noTeardown: { form: 'boolean', variable: 'K6_NO_TEARDOWN' },

  // What is measured and shown
  thresholds: { form: 'object' },
  tags: { form: 'texts by name' },
  systemTags: { form: 'texts', variable: 'K6_SYSTEM_TAGS' },
  summaryTrendStats: { form: 'texts', variable: 'K6_SUMMARY_TREND_STATS' },
  summaryTimeUnit: { form: 'text', variable: 'K6_SUMMARY_TIME_UNIT' },

  // Without effect on a run on one's own machine, in k6 as here
  noUsageReport: { form: 'boolean', variable: 'K6_NO_USAGE_REPORT' },
  cloud: { form: 'object' },
  ext: { form: 'object' },
}
