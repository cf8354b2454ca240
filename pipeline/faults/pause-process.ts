/**
 * Stops one service of a cluster for as long as whoever asked for it is there: should that process be killed, the service
 * must not stay stopped for ever. Arguments: the cluster's folder and the service's name.
 */
import { signalService } from '../cluster/launcher/cluster-process.ts'

const [folder, name] = process.argv.slice(2) as [string, string]

// Ctrl-C in a terminal goes to the run, which ends its faults itself.
process.on('SIGINT', () => {})
process.on('disconnect', async () => {
  await signalService(folder, name, 'SIGCONT')
})

await signalService(folder, name, 'SIGSTOP')
process.send!('stopped')
