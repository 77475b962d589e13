/** Escalates in a process of its own that a test may kill: `node escalation-process.ts <connection as JSON> <folder>`. */
import { openDatabase, type Connection } from '../core/db/database.ts';
import webhook from '../plugins/alert-webhook/plugin.ts';
import { openEscalations } from './escalations.ts';

const [connection = '', folder = ''] = process.argv.slice(2);
const database = openDatabase(JSON.parse(connection) as Connection, (error) => {
  throw error;
});
console.log('started');
const { alerts } = await openEscalations(database, folder, [webhook], {
  address: null,
  overrides: { patience: { pollMs: 20, firstWaitMs: 20, leaseSeconds: 1 } },
});
await alerts.sweep();
