/** The doors by which devices come, all but HTTP: Socket.IO and raw WebSocket on the hub's own ports, and an MQTT broker. */
import type { Server as HttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../../settings.ts';
import { listenOn } from '../http-front.ts';
import type { HealthPart, Hub } from '../hub.ts';
import type { WireReply } from '../plugins/define.ts';
import { createAddressGate, type AddressGate } from './address-gate.ts';
import { createByteBudget, type ByteBudget } from './byte-budget.ts';
import { openExternalBroker } from './external-broker.ts';
import { openMqttDoor } from './mqtt-door.ts';
import { startSettingsTeller } from './settings-teller.ts';
import { openSocketServer, type SocketServer } from './socket-server.ts';
import { openSocketioDoor } from './socketio-door.ts';
import { openWebsocketDoor } from './websocket-door.ts';

export interface DoorsStatus {
  /** Standing connections of devices. */
  readonly connections: { readonly socketio: number; readonly websocket: number; readonly mqtt: number };
  /** Turned away since the start, because an address or all of them together held too many. */
  readonly refused: number;
  /** Bytes of messages that come in or wait their turn. */
  readonly bytesHeld: number;
  /** Null when MQTT is off. */
  readonly broker:
    | { readonly kind: 'embedded'; readonly port: number; readonly tlsPort: number | null }
    | {
        readonly kind: 'external';
        /** Several hubs divide the work; null until the broker said whether they may. */
        readonly isShared: boolean | null;
        readonly inHand: number;
        readonly problem: string | null;
      }
    | null;
}

export interface Doors {
  status(): DoorsStatus;
  /** By part, for `GET /health`. */
  health(): Readonly<Record<string, HealthPart>>;
  stop(): Promise<void>;
}

/** What stands before the doors: made when the ports open, shared by all. */
export interface Threshold {
  readonly gate: AddressGate;
  readonly budget: ByteBudget;
  readonly sockets: SocketServer;
}

export function openThreshold(servers: readonly HttpServer[], publicUrl: string | null): Threshold {
  const [gate, budget] = [createAddressGate(), createByteBudget()];
  return { gate, budget, sockets: openSocketServer(servers, { gate, budget, trustsProxy: publicUrl !== null }) };
}

export interface DoorsOptions {
  readonly threshold: Threshold;
  readonly servers: readonly HttpServer[];
  readonly settings: Pick<Settings, 'mqtt' | 'host' | 'tls' | 'publicUrl' | 'dataDir'>;
  readonly hub: Pick<Hub, 'devices' | 'cameras' | 'plugins' | 'events' | 'log'>;
}

interface Broker {
  readonly connections: () => number;
  readonly status: () => DoorsStatus['broker'];
  readonly health: () => HealthPart;
  publish(messages: NonNullable<WireReply['publish']>): Promise<void>;
  stop(): Promise<void>;
}

async function openBroker({ threshold, settings, hub }: DoorsOptions): Promise<Broker | null> {
  const { gate, budget } = threshold;
  const { mqtt, host, tls, dataDir } = settings;
  if (mqtt === null) return null;
  if ('url' in mqtt) {
    const sessionFile = join(dataDir, 'mqtt-session.json');
    const broker = await openExternalBroker({ ...hub, budget, url: mqtt.url, sessionFile });
    return {
      ...broker,
      connections: () => 0,
      status: () => ({
        ...{ kind: 'external', isShared: broker.isShared(), inHand: broker.inHand(), problem: broker.health().problem },
      }),
    };
  }
  const door = await openMqttDoor({ ...hub, gate, budget, host, tls, port: mqtt.port, tlsPort: mqtt.tlsPort });
  const { port, tlsPort } = door;
  return { ...door, status: () => ({ kind: 'embedded', port, tlsPort }), health: () => ({ ok: true, problem: null }) };
}

/**
 * Whether the broker's ports can be had, asked before anything else starts.
 * @throws port_in_use, settings_invalid: each names the setting
 */
export async function assertPortsFree({ mqtt, host, tls }: Pick<Settings, 'mqtt' | 'host' | 'tls'>): Promise<void> {
  if (mqtt === null || !('port' in mqtt)) return;
  const ports = [[mqtt.port, 'MQTT_PORT'] as const, [mqtt.tlsPort, 'MQTT_TLS_PORT'] as const];
  for (const [port, setting] of tls === null ? ports.slice(0, 1) : ports) {
    const server = createServer();
    await listenOn(server, port, host, setting);
    await new Promise((done) => server.close(done));
  }
}

/** @throws port_in_use, settings_invalid: each names the setting; no door stays open then */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { threshold, servers, settings, hub } = options;
  const { gate, budget, sockets } = threshold;
  const { publicUrl } = settings;
  const broker = await openBroker(options);
  const stopTelling =
    broker === null
      ? null
      : startSettingsTeller({
          ...hub,
          formats: hub.plugins.all('deviceFormat').filter(({ transports }) => transports.includes('mqtt')),
          publish: (messages) => broker.publish(messages),
        });
  const socketio = openSocketioDoor({ ...hub, sockets, budget, publicUrl });
  const websocket = openWebsocketDoor({ ...hub, servers, gate, budget, publicUrl });
  return {
    status: () => ({
      connections: {
        ...{ socketio: socketio.connections(), websocket: websocket.connections(), mqtt: broker?.connections() ?? 0 },
      },
      ...{ refused: gate.refused, bytesHeld: budget.held, broker: broker?.status() ?? null },
    }),
    health: (): Readonly<Record<string, HealthPart>> => (broker === null ? {} : { broker: broker.health() }),
    async stop() {
      await stopTelling?.();
      await Promise.all([socketio.stop(), websocket.stop(), broker?.stop()]);
    },
  };
}
