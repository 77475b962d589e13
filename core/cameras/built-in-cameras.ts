import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugins } from '../plugins/plugins.ts';
import { sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { CameraStore } from './camera-store.ts';
import { READ_AS_THE_FLOW_SAYS } from './cameras.ts';

/** What a new install starts with: the demo camera, the watched folder, console uploads. */
export async function addBuiltIns(
  store: CameraStore,
  plugins: Plugins,
  secrets: SecretBox,
  dataDir: string,
): Promise<void> {
  const drop = join(dataDir, 'drop');
  await mkdir(drop, { recursive: true });
  const wanted = [
    { builtIn: 'demo', name: 'Demo camera', protocol: 'demo', config: {} },
    { builtIn: 'folder', name: 'Watched folder', protocol: 'folder', config: { folder: drop } },
    { builtIn: 'upload', name: 'Uploads', protocol: 'upload', config: {} },
  ] as const;
  // Only on a new install: whoever removed or renamed nothing yet.
  if ((await store.list()).some((camera) => camera.builtIn !== null)) return;
  for (const { config, ...camera } of wanted) {
    const fields = plugins.find('cameraProtocol', camera.protocol)?.fields ?? {};
    await store.add({
      ...{ cameraId: randomUUID(), ...camera, enabled: true, reading: READ_AS_THE_FLOW_SAYS },
      ...{ checkpointId: null, latitude: null, longitude: null, heading: null },
      config: sealConfig(fields, config, {}, secrets),
    });
  }
}
