/** `musicbox report`: a run capsule as a page to read and to send. */
import type { Command } from 'commander'
import { command } from '../datasets/command.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { readCapsule } from './capsule/capsule-file.ts'
import { readProof } from './capsule/proof-file.ts'
import { writeReport } from './report/report.ts'

export function reportCommand(host: Host): Command {
  return command('report', 'make one HTML file, with pictures, of a run capsule', { data: false })
    .argument('<capsule>', 'as `musicbox load` wrote it')
    .requiredOption('--out <file>', 'where the page goes: FILE.html')
    .option('--proof <file>', 'what `musicbox verify --json` printed, to stand in the report')
    .action(async (path: string, { out, proof, json }: { out: string; proof?: string; json?: boolean }) => {
      const run = await readCapsule(path)
      const capsule = proof === undefined ? run : { ...run, proof: await readProof(proof) }
      await writeReport(out, capsule)
      if (json) printJson(host, { report: out, run: capsule.run, verdict: capsule.result.generator.verdict })
      else host.stdout.write(`report     ${out}\n`)
    })
}
