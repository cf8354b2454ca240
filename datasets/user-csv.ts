/**
 * The user file of the project's first version: rows of
 * `uid,fname,lname,email,created,last_login,zip,birth,gender,active,ip` and, in some, a twelfth column with the weight,
 * how often the user listens. No header, or one that says so.
 */
import { MusicboxError } from './failure.ts'
import { type User, userSchema } from './music.ts'

export const USER_COLUMNS = [
  'uid',
  'fname',
  'lname',
  'email',
  'created',
  'last_login',
  'zip',
  'birth',
  'gender',
  'active',
  'ip',
  'weight',
] as const

/** Turns rows into users. @throws MusicboxError `input.invalid` with the reason, for one row */
export function userFromCells(cells: readonly string[]): User {
  if (cells.length !== USER_COLUMNS.length - 1 && cells.length !== USER_COLUMNS.length) {
    throw invalid(`expected 11 or 12 columns, got ${cells.length}`)
  }
  const [uid, fname, lname, email, created, last_login, zip, birth, gender, active, ip4, weight] = cells.map((cell) =>
    cell.trim(),
  )
  const parsed = userSchema.safeParse({
    uid,
    fname,
    lname,
    email,
    created: dayOfText(created!, 'created'),
    last_login: dayOfText(last_login!, 'last_login'),
    zip,
    birth: /^\d{4}$/.test(birth!) ? birth : dayOfText(birth!, 'birth'),
    gender: GENDERS[gender!.toLowerCase()] ?? gender,
    active: FLAGS[active!.toLowerCase()] ?? active,
    ip4,
    ...(weight !== undefined && weight !== '' && { weight: Number(weight) }),
  })
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const column = path[0] === 'ip4' ? 'ip' : String(path[0])
  const at = USER_COLUMNS.indexOf(column as (typeof USER_COLUMNS)[number])
  throw invalid(`${column}: ${message}, got "${cells[at]}"`)
}

/** The inverse of {@link userFromCells}. */
export function cellsOfUser(user: User): (string | number)[] {
  return USER_COLUMNS.map((column) => {
    const value = column === 'ip' ? user.ip4 : user[column]
    return typeof value === 'boolean' ? Number(value) : (value ?? '')
  })
}

/** Whether the row names the columns. */
export function isUserHeader(cells: readonly string[]): boolean {
  return cells[0]?.trim().toLowerCase() === 'uid' && cells[1]?.trim().toLowerCase() === 'fname'
}

const GENDERS: Readonly<Record<string, User['gender']>> = { f: 'F', female: 'F', m: 'M', male: 'M', x: 'X' }

const FLAGS: Readonly<Record<string, boolean>> = {
  '1': true,
  '0': false,
  true: true,
  false: false,
  t: true,
  f: false,
  yes: true,
  no: false,
  y: true,
  n: false,
}

/** `YYYY-MM-DD` of a day, with or without a time behind it; an empty text stays empty. */
function dayOfText(text: string, column: string): string {
  if (text === '') return ''
  const day = /^(\d{4}-\d\d-\d\d)(?:[ T]\d\d:\d\d.*)?$/.exec(text)?.[1]
  const ms = Date.parse(`${day}T00:00:00Z`)
  if (!day || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day) {
    throw invalid(`${column}: expected a day like 1975-03-02, got "${text}"`)
  }
  return day
}

function invalid(message: string): MusicboxError {
  return new MusicboxError('input.invalid', message)
}
