/** The periods as people say them. */
import type { Period } from '../../../datasets/period.ts'

export const PERIOD_NAMES: Record<Period, string> = {
  total: 'All time',
  today: 'Today',
  yesterday: 'Yesterday',
  'last-7-days': 'Last 7 days',
  'last-28-days': 'Last 28 days',
  'this-week': 'This week',
  'last-week': 'Last week',
  'this-month': 'This month',
  'last-month': 'Last month',
  'this-year': 'This year',
  'last-12-months': 'Last 12 months',
}
