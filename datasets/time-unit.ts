/** Lengths of time in ms, alone in a file that k6's engine can load: the calendar beside it reads `Date`. */
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
