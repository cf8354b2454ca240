/** Keeps secrets out of what is stored: a capsule is sent around, and a token in it would be, too. */

/** Names of settings whose values nobody but the run may know. */
const SECRET = /TOKEN|PASSW(OR)?D|SECRET|CREDENTIAL|API_?KEY|PRIVATE_?KEY|AUTHORI[SZ]ATION|COOKIE/i

const LEFT_OUT = 'left-out'

/** The settings without those that are secret; addresses lose the user and password in them. */
export function withoutSecrets(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => !SECRET.test(name))
      .map(([name, value]) => [name, withoutUserInfo(value)]),
  )
}

/** A command line that can be shown: `--env API_TOKEN=x` keeps its name only, and so do `--api-token x` and its kin. */
export function commandWithoutSecrets(words: readonly string[]): string[] {
  return words.map((word, at) => {
    const before = words[at - 1]
    if (before?.startsWith('--') && !before.includes('=') && SECRET.test(before) && !word.startsWith('--')) {
      return LEFT_OUT
    }
    const equals = word.indexOf('=')
    if (equals > 0 && SECRET.test(word.slice(0, equals))) return `${word.slice(0, equals)}=${LEFT_OUT}`
    return withoutUserInfo(word)
  })
}

function withoutUserInfo(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi, '$1')
}
