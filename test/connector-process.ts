/** Sends what is due, in a process of its own that a test may kill: `node connector-process.ts <connection as JSON> <folder>`. */
import { openDatabase, type Connection } from '../core/db/database.ts';
import { createConnectorStore } from '../core/db/stores/connector-store.ts';
import { createConnectors } from '../core/connectors/create-connectors.ts';
import { createEvents } from '../core/events.ts';
import { createSecretBox } from '../core/secrets.ts';
import webhook from '../plugins/connector-webhook/plugin.ts';
import { pluginsOf } from './fake-plugins.ts';
import { quietLog } from './quiet-log.ts';

const [connection = '', folder = ''] = process.argv.slice(2);
const fail = (error: unknown): never => {
  throw error;
};
const connectors = createConnectors({
  store: createConnectorStore(openDatabase(JSON.parse(connection) as Connection, fail)),
  plugins: pluginsOf(webhook),
  secrets: createSecretBox(folder),
  images: { read: () => Promise.reject(new Error('No picture is asked for.')) },
  ...{ events: createEvents(fail), log: quietLog, publicUrl: null },
  siteZone: () => Promise.resolve('Asia/Bangkok'),
  patience: { pollMs: 20, leaseSeconds: 1 },
});
await connectors.start();
console.log('started');
