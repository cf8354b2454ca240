/** A second of a run in one line: `200 VUs  1,240 req/s  p95 12.3 ms  0 failed  1,180 accepted/s`. */

import type { SeriesPoint, TimelineBucket } from '../metrics/timeline.ts'
import { countText, numberText } from '../report/number-text.ts'

export function liveLine({ vus, width_s, series }: TimelineBucket): string {
  const requests = counted(series['http_reqs'])
  // What a listener feels goes before what the server sees.
  const times = [series['response_time'], series['http_req_duration']].find(
    (point) => point?.type === 'trend' && point.count > 0,
  )
  const failed = series['http_req_failed']
  const accepted = series['event_fate{fate:accepted}']
  return [
    `${countText(vus)} VUs`,
    `${countText(requests / width_s)} req/s`,
    `p95 ${times?.type === 'trend' ? numberText(times.p95, 'ms') : '–'}`,
    `${countText(failed?.type === 'rate' ? failed.trues : 0)} failed`,
    ...(accepted ? [`${countText(counted(accepted) / width_s)} accepted/s`] : []),
  ].join('  ')
}

function counted(point: SeriesPoint | undefined): number {
  return point?.type === 'counter' ? point.total : 0
}
