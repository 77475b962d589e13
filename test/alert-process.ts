/** Sends what is due, in a process of its own that a test may kill: `node alert-process.ts <connection as JSON> <folder>`. */
import { openDatabase, type Connection } from '../core/db/database.ts';
import webhook from '../plugins/alert-webhook/plugin.ts';
import { openAlerts } from './alerts.ts';

const [connection = '', folder = ''] = process.argv.slice(2);
const database = openDatabase(JSON.parse(connection) as Connection, (error) => {
  throw error;
});
await openAlerts(database, folder, [webhook], { patience: { pollMs: 20, firstWaitMs: 20, leaseSeconds: 1 } });
console.log('started');
