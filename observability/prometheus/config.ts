/** Prometheus' configuration, as the files that it reads. */
import { SCRAPE_INTERVAL_S, SERVICES } from '../objectives.ts'
import { toYaml } from '../yaml.ts'
import { ALERTS, type Alert, panelPath } from './alerts.ts'
import { RECORDINGS } from './recordings.ts'

export interface ScrapeTarget {
  service: string
  /** `host:port` of the process's /metrics. */
  address: string
}

const DEFAULT_TARGETS = SERVICES.map(({ service, port }) => ({ service, address: `127.0.0.1:${port}` }))

/**
 * @param options.ruleFiles paths of rule files, absolute or from the configuration's folder
 * @param heading comment lines
 */
export function prometheusConfig(
  options: { scrapeInterval_s?: number; targets?: readonly ScrapeTarget[]; ruleFiles?: readonly string[] },
  heading: readonly string[] = [],
): string {
  const { scrapeInterval_s = SCRAPE_INTERVAL_S, targets = DEFAULT_TARGETS, ruleFiles = [] } = options
  const interval = `${scrapeInterval_s}s`
  return toYaml(
    {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ruleFiles,
      scrape_configs: [
        {
          job_name: 'musicbox',
          // Our series carry `service` themselves, and `job` where it names a batch job: both must stay as they are.
          honor_labels: true,
          static_configs: targets.map(({ service, address }) => ({ targets: [address], labels: { service } })),
        },
      ],
    },
    heading,
  )
}

/** Recording rules and alerts; tests hand in alerts with a planted fault. */
export function rulesFile(heading: readonly string[] = [], alerts: readonly Alert[] = ALERTS): string {
  return toYaml(
    {
      // One group, because a group is evaluated in order: an alert sees what was recorded in the same round.
      groups: [{ name: 'musicbox', rules: [...RECORDINGS, ...alerts.map(alertRule)] }],
    },
    heading,
  )
}

function alertRule(alert: Alert) {
  return {
    alert: alert.alert,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: alertAnnotations(alert, alert.summary),
  }
}

/** @param summary the alert's own, or what its template becomes */
export function alertAnnotations({ runbook, panel }: Alert, summary: string) {
  return { summary, description: runbook, dashboard: panel === undefined ? undefined : panelPath(panel) }
}
