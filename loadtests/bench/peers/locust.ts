/** Locust with its fast client, one process: users without waiting times, and its own statistics. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BODY, CONNECTIONS } from '../request.ts'
import type { Peer } from './peer.ts'

const USER = `
from locust import constant, task
from locust.contrib.fasthttp import FastHttpUser

class Listener(FastHttpUser):
    wait_time = constant(0)

    @task
    def play(self):
        with self.client.post("/v1/events", data=BODY, headers=HEADERS, catch_response=True) as answer:
            if answer.status_code != 202:
                answer.failure("not stored")

HEADERS = {"Content-Type": "application/json"}
BODY = ${JSON.stringify(BODY)}
`

export const locust: Peer = {
  package: 'python3-locust',
  program: 'locust',
  async command({ port, seconds, folder }) {
    const file = join(folder, 'locustfile.py')
    await writeFile(file, USER)
    const users = ['--users', String(CONNECTIONS), '--spawn-rate', String(CONNECTIONS)]
    const host = ['--host', `http://127.0.0.1:${port}`]
    return { args: ['-f', file, '--headless', '--only-summary', ...users, ...host, '--run-time', `${seconds}s`] }
  },
}
