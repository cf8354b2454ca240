/** `musicbox report`: a run capsule as a page to read and to send. */
import type { Command } from 'commander'
import { command } from '../datasets/command.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { readCapsule } from './capsule/capsule-file.ts'
import { writeReport } from './report/report.ts'

export function reportCommand(host: Host): Command {
  return command('report', 'make one HTML file, with pictures, of a run capsule', { data: false })
    .argument('<capsule>', 'as `musicbox load` wrote it')
    .requiredOption('--out <file>', 'where the page goes: FILE.html')
    .action(async (path: string, { out, json }: { out: string; json?: boolean }) => {
      const capsule = await readCapsule(path)
      await writeReport(out, capsule)
      if (json) printJson(host, { report: out, run: capsule.run, verdict: capsule.result.generator.verdict })
      else host.stdout.write(`report     ${out}\n`)
    })
}
