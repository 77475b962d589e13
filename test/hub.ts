/** A whole hub in this process, with its own embedded database in a temporary folder, and a browser-like client. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub, type RunningHub } from '../core/start.ts';
import { readSettings } from '../settings.ts';
import { createClient, type Client } from './http-client.ts';
import { quietLog } from './quiet-log.ts';

export { createClient, type Answer, type Client } from './http-client.ts';

export const ADMIN = { name: 'admin', password: 'correct horse battery' };

export interface TestHub extends RunningHub {
  readonly client: () => Client;
  /** Signed in as the first administrator. */
  readonly admin: Client;
}

/** The demo camera is switched off: tests send their own frames. */
export async function startTestHub(env: Record<string, string> = {}): Promise<TestHub> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-hub-'));
  const settings = readSettings({ LPR_DATA_DIR: folder, PORT: '0', MQTT_PORT: '0', LPR_WORKERS: '1', ...env });
  const running = await startHub(settings, { log: quietLog });
  for (const camera of await running.hub.cameras.list()) {
    if (camera.builtIn === 'demo') await running.hub.cameras.update(camera.cameraId, { enabled: false });
  }
  // Under PUBLIC_URL nobody answers in a test.
  const url = env['PUBLIC_URL'] === undefined ? running.url : `http://127.0.0.1:${running.port}`;
  const client = (): Client => createClient(url);
  const admin = client();
  await admin('POST', '/v1/setup', { ...ADMIN, code: running.setupCode });
  return {
    ...running,
    url,
    client,
    admin,
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
