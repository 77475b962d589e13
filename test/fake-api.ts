/** The API of a fake hub on a port of its own. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi, startLive, type ApiOptions } from '../core/api/api.ts';
import { createByteBudget } from '../core/doors/byte-budget.ts';
import { openSocketServer } from '../core/doors/socket-server.ts';
import type { Hub } from '../core/hub.ts';
import { createFakeHub, type FakeHub } from './fake-hub.ts';
import { createClient, type Client } from './http-client.ts';

export interface FakeApi {
  readonly hub: FakeHub;
  readonly url: string;
  readonly client: () => Client;
  close(): Promise<void>;
}

export async function openFakeApi(overrides: Partial<Hub> = {}, options: Partial<ApiOptions> = {}): Promise<FakeApi> {
  const hub = createFakeHub(overrides);
  // Socket.IO takes its own requests away from listeners that are there before it.
  let handle: RequestListener = () => undefined;
  const server = createServer((req, res) => {
    handle(req, res);
  });
  const publicUrl = options.publicUrl ?? null;
  const sockets = openSocketServer([server]);
  const live = startLive(sockets.io, hub, publicUrl);
  handle = createApi({
    ...{
      hub,
      version: '1.2.3',
      codeRequired: false,
      publicUrl,
      isSecure: false,
      consoleFolder: '/nowhere',
      dataDir: '/nowhere',
    },
    ...{
      editor: () => null,
      flow: () => null,
      doors: () => null,
      flowGaps: () => Promise.resolve([]),
      budget: createByteBudget(),
    },
    sessionsChanged: () => {
      live.recheck();
    },
    ...options,
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    hub,
    url,
    client: () => createClient(url),
    async close() {
      await live.stop();
      sockets.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
