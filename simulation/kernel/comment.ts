/**
 * What listeners write, as pure functions of an event's 32 bits of detail: comments whose feeling is drawn first, so that
 * a sentiment report can be scored against it, and tags.
 */

/** How a comment feels, −1 (hatred) … 1 (love), in steps of a seventh: never 0 but for the lukewarm. */
export function commentSentiment(detail: number): number {
  const strength = (detail >>> 1) & 7
  return ((detail & 1) === 1 ? strength : -strength) / 7
}

/** Puts the feeling into a comment's detail. */
export function commentDetail(likes: boolean, detail: number): number {
  return ((detail & ~1) | (likes ? 1 : 0)) >>> 0
}

/** One or two short sentences; the words say what {@link commentSentiment} says. */
export function commentText(detail: number): string {
  const strength = (detail >>> 1) & 7
  const isGood = (detail & 1) === 1
  const words = strength >= 5 ? (isGood ? LOVE : HATE) : strength >= 1 ? (isGood ? PRAISE : BLAME) : LUKEWARM
  const subject = SUBJECTS[(detail >>> 4) % SUBJECTS.length]!
  const remark = words[(detail >>> 10) % words.length]!.replace('@', subject)
  const aside = (detail >>> 20) % 3 === 0 ? ` ${ASIDES[(detail >>> 24) % ASIDES.length]!}` : ''
  return `${remark.charAt(0).toUpperCase()}${remark.slice(1)}${aside}`
}

/** One to three tags, each once. */
export function tagsOf(detail: number): string[] {
  const first = detail % TAGS.length
  const count = 1 + ((detail >>> 8) % 3)
  return TAGS.filter((_, i) => (i - first + TAGS.length) % TAGS.length < count)
}

const SUBJECTS = [
  'the chorus',
  'the bridge',
  'this voice',
  'the bass line',
  'the intro',
  'that guitar',
  'the drumming',
  'the last minute',
  'the lyric',
  'the mix',
  'the melody',
  'this one',
]
const LOVE = [
  'absolutely love @!',
  '@ is perfect, goosebumps again.',
  'wow, @ is a masterpiece.',
  'best thing all year: @ is brilliant.',
  'I adore @, on repeat all day.',
]
const PRAISE = ['@ is good.', 'I like @ more each time.', 'nice work, @ is lovely.', 'enjoyed @.', '@ is pretty great.']
const LUKEWARM = ['@ is okay.', 'heard it, @ is there.', 'no opinion about @ yet.']
const BLAME = ['@ is a bit boring.', 'not fond of @.', '@ is weak.', '@ feels dull.', 'I dislike @ somewhat.']
const HATE = [
  '@ is awful!',
  'I hate @, terrible.',
  'worst ever: @ is horrible.',
  '@ is a disaster, skip it.',
  'cannot stand @, so annoying.',
]
const ASIDES = [
  'Heard it on the train.',
  'Second listen today.',
  'Found it through a friend.',
  'Playing it in the kitchen.',
  'It is late here.',
  'On the way to work.',
  'The radio had it first.',
]
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
