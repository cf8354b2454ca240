/**
 * The files that Prometheus and Grafana read, made from the code in this room. `build.ts` writes them;
 * `generated.test.ts` fails when one of them is not what it should be.
 */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { overview } from './dashboards/overview.ts'
import { SCRAPE_INTERVAL_S } from './objectives.ts'
import { prometheusConfig, rulesFile } from './prometheus/config.ts'
import { toYaml } from './yaml.ts'

/** Path under `observability/` → text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['grafana/dashboards/overview.json', dashboardJson(overview())],
    ['grafana/provisioning/datasources/musicbox.yaml', datasources()],
    ['grafana/provisioning/dashboards/musicbox.yaml', dashboardProvider()],
    [
      'prometheus/prometheus.yml',
      prometheusConfig({ ruleFiles: ['rules/musicbox.yml'] }, generatedFrom('prometheus/config.ts')),
    ],
    ['prometheus/rules/musicbox.yml', rulesFile(generatedFrom('prometheus/alerts.ts and recordings.ts'))],
  ])
}

/** The uid that dashboards name: fixed, so that they find their data source in every Grafana. */
const DATASOURCE_UID = 'musicbox'

function datasources(): string {
  return toYaml(
    {
      apiVersion: 1,
      datasources: [
        {
          name: 'MusicBox',
          uid: DATASOURCE_UID,
          type: 'prometheus',
          access: 'proxy',
          url: 'http://127.0.0.1:9090',
          isDefault: true,
          editable: false,
          // Without the interval, $__rate_interval is too short for our scrapes and every rate is empty.
          jsonData: { httpMethod: 'POST', prometheusType: 'Prometheus', timeInterval: `${SCRAPE_INTERVAL_S}s` },
        },
      ],
    },
    generatedFrom('generated.ts'),
  )
}

function dashboardProvider(): string {
  return toYaml(
    {
      apiVersion: 1,
      providers: [
        {
          name: 'musicbox',
          orgId: 1,
          folder: 'MusicBox',
          type: 'file',
          disableDeletion: true,
          allowUiUpdates: false,
          updateIntervalSeconds: 30,
          // Grafana reads the folder from its environment: only who starts it knows where this repository lies.
          options: { path: '$MUSICBOX_DASHBOARDS' },
        },
      ],
    },
    generatedFrom('generated.ts'),
  )
}

function generatedFrom(source: string): string[] {
  return [`Written by observability/build.ts from ${source}: change it there.`]
}

function dashboardJson(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`
}
