/** The standing doors for devices, opened together: Socket.IO, raw WebSocket and the embedded MQTT broker. HTTP is the API's. */
import type { Server } from 'node:http';
import type { Settings } from '../../settings.ts';
import type { Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { AddressGate } from './address-gate.ts';
import { createByteBudget } from './byte-budget.ts';
import { openMqttDoor, type MqttDoor } from './mqtt-door.ts';
import type { SocketServer } from './socket-server.ts';
import { openSocketioDoor } from './socketio-door.ts';
import { openWebsocketDoor } from './websocket-door.ts';
import type { DoorDevices } from './wire-message.ts';

/** MQTT over TLS (IANA, secure-mqtt). */
const TLS_PORT = 8883;

export interface DoorsOptions {
  readonly settings: Pick<Settings, 'mqtt' | 'host' | 'tls' | 'publicUrl'>;
  readonly servers: readonly Server[];
  readonly sockets: SocketServer;
  readonly gate: AddressGate;
  readonly devices: DoorDevices;
  readonly plugins: Plugins;
  readonly log: Log;
}

export interface Doors {
  /** Null where an external broker is set or none is wanted. */
  readonly mqtt: MqttDoor | null;
  connections(): { readonly socketio: number; readonly websocket: number; readonly mqtt: number };
  stop(): Promise<void>;
}

/** @throws port_in_use naming MQTT_PORT */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { settings, servers, sockets, gate, devices, plugins, log } = options;
  const { host, tls, publicUrl } = settings;
  const common = { devices, plugins, log, budget: createByteBudget() };
  const port = settings.mqtt !== null && 'port' in settings.mqtt ? settings.mqtt.port : null;
  const mqtt = port === null ? null : await openMqttDoor({ ...common, gate, host, port, tls, tlsPort: TLS_PORT });
  const socketio = openSocketioDoor({ ...common, sockets, publicUrl });
  const websocket = openWebsocketDoor({ ...common, servers, gate, publicUrl });
  return {
    mqtt,
    connections: () => ({
      socketio: socketio.connections(),
      websocket: websocket.connections(),
      mqtt: mqtt?.connections() ?? 0,
    }),
    async stop() {
      await Promise.all([socketio.stop(), websocket.stop(), mqtt?.stop()]);
    },
  };
}
