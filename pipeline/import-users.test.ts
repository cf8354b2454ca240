import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import type { User } from '../datasets/music.ts'
import { importUsers, type UserReject } from './import-users.ts'

const UID = '8c24dbaf-e50e-4b47-9fd6-da426752b6d4'
const ROW = `${UID},Ada,Lind,ada@example.com,2012-05-01,2014-01-02,02134,1975-03-02,F,1,10.1.2.3`
const USER: User = {
  uid: UID,
  fname: 'Ada',
  lname: 'Lind',
  email: 'ada@example.com',
  created: '2012-05-01',
  last_login: '2014-01-02',
  zip: '02134',
  birth: '1975-03-02',
  gender: 'F',
  active: true,
  ip4: '10.1.2.3',
}

describe('an import of users', () => {
  it('reads rows of eleven and twelve columns, with a header or without, however they come in', async () => {
    const header = 'uid,fname,lname,email,created,last_login,zip,birth,gender,active,ip'
    const expected = [USER, { ...USER, uid: 'u2', weight: 4 }]
    const rows = [ROW, `${ROW.replace(UID, 'u2')},4`]
    for (const file of [
      rows.join('\n'),
      `\ufeff${header}\r\n${rows.join('\r\n')}\r\n`,
      `${header},freq\n\n${rows.join('\n')}`,
    ]) {
      for (const size of [1, 7, 10_000]) {
        assert.deepEqual(await usersOf(file, size), { users: expected, rejects: [] })
      }
    }
  })

  it('keeps zip codes as text, and what is empty as empty', async () => {
    const { users } = await usersOf(`${UID},"Lind, Ada","O""Hara",,,2014-01-02 10:11:12,00501,1975,male,f,`)
    assert.deepEqual(users, [
      {
        ...USER,
        fname: 'Lind, Ada',
        lname: 'O"Hara',
        email: '',
        created: '',
        zip: '00501',
        birth: '1975',
        gender: 'M',
        active: false,
        ip4: '',
      },
    ])
  })

  it('reports each bad row with its line and reason, and takes all others', async () => {
    const cases: [row: string, reason: RegExp][] = [
      ['too,few', /expected 11 or 12 columns, got 2/],
      [`${ROW},3,more`, /got 13/],
      [ROW.replace('02134', '2134'), /^zip: .*got "2134"/],
      [ROW.replace('1975-03-02', '1975-02-30'), /^birth: expected a day like .* got "1975-02-30"/],
      [ROW.replace('10.1.2.3', '10.1.2.300'), /^ip: .*got "10.1.2.300"/],
      [ROW.replace(',F,', ',Q,'), /^gender: .*got "Q"/],
      [ROW.replace(',1,', ',maybe,'), /^active: .*got "maybe"/],
      [`${ROW},9`, /^weight: .*got "9"/],
      [`${ROW},often`, /^weight: .*got "often"/],
      [ROW.replace(UID, ''), /^uid: /],
      [ROW.replace('Ada', '"A"da'), /closing quote/],
    ]
    const file = cases.map(([row]) => `${row}\n${ROW}\n`).join('')
    const { users, rejects } = await usersOf(file)
    assert.equal(users.length, cases.length)
    assert.deepEqual(
      rejects.map(({ line, text }) => [line, text]),
      cases.map(([row], at) => [at * 2 + 1, row]),
    )
    for (const [at, { reason }] of rejects.entries()) assert.match(reason, cases[at]![1])
  })

  it('reports a row that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('u1,'), Buffer.from([0xe9]), Buffer.from(ROW.slice(ROW.indexOf(',Lind')))])
    const { users, rejects } = await usersOf(bytes)
    assert.deepEqual([users.length, rejects[0]?.reason], [0, 'expected UTF-8'])
  })

  it('stops when it is asked to', async () => {
    const controller = new AbortController()
    const users = importUsers({
      source: chunks(Buffer.from(`${ROW}\n`.repeat(9)), 50),
      rejects: () => {},
      signal: controller.signal,
    })
    await users.next()
    controller.abort()
    await assert.rejects(users.next(), (error) => error instanceof MusicboxError && error.code === 'interrupted')
  })
})

async function usersOf(file: string | Uint8Array, size = 50): Promise<{ users: User[]; rejects: UserReject[] }> {
  const rejects: UserReject[] = []
  const users: User[] = []
  const source = chunks(Buffer.from(file), size)
  for await (const user of importUsers({ source, rejects: (reject) => rejects.push(reject) })) users.push(user)
  return { users, rejects }
}

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
