/** What listeners write: comments whose feeling is part of the truth, and tags. Pure functions of an event's detail. */

/** Feeling of a comment, −1 (dislike) … 1 (liking). */
export function commentSentiment(detail: number): number {
  return (detail & 1) === 1 ? 1 : -1
}

export function commentText(detail: number): string {
  const remarks = (detail & 1) === 1 ? PRAISE : BLAME
  return remarks[(detail >>> 1) % remarks.length]!
}

/** One to three tags, each once. */
export function tagsOf(detail: number): string[] {
  const first = detail % TAGS.length
  const count = 1 + ((detail >>> 8) % 3)
  return TAGS.filter((_, i) => (i - first + TAGS.length) % TAGS.length < count)
}

const TAGS = [
  'morning',
  'late night',
  'running',
  'cooking',
  'focus',
  'party',
  'rain',
  'road',
  'calm',
  'loud',
  'old love',
  'summer',
] as const

const PRAISE = [
  'This one stays.',
  'Turned it up twice.',
  'What a chorus!',
  'Been waiting for this.',
  'Goosebumps again.',
]
const BLAME = ['Not for me.', 'Too long by half.', 'The mix is muddy.', 'Heard it too often.', 'Lost me at the bridge.']
