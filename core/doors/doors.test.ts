import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { startTestHub, type TestHub } from '../../test/hub.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

let hub: TestHub;
let [mqttPort, extraPort] = [0, 0];
beforeAll(async () => {
  [mqttPort, extraPort] = [await freePort(), await freePort()];
  hub = await startTestHub({ MQTT_PORT: String(mqttPort), EXTRA_PORTS: String(extraPort) });
});
afterAll(() => hub.stop());

interface Listed {
  readonly deviceId: string;
  readonly ref: string;
  readonly transport: string;
  readonly state: string;
  readonly held: { readonly waiting: number };
}
const listed = async (ref: string): Promise<Listed | undefined> =>
  ((await hub.admin('GET', '/v1/devices')).body as { items: Listed[] }).items.find((one) => one.ref === ref);

test('an unknown device over MQTT is acknowledged and waits; approved, it hears its settings, and goes offline with its connection', async () => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  const payload = {
    ...{ message_id: 'm1', timestamp: new Date().toISOString(), camera_id: 'CAM7', checkpoint_id: 'CP1' },
    detection_data: { plates: [{ plate_number: '1กก1234', province: 'Bangkok', confidence: 0.93 }], vehicles: [] },
  };
  const heard: string[] = [];
  client.on('message', (topic) => void heard.push(topic));
  await client.subscribeAsync(['lprserver/cameras/CAM7/detection/ack', 'lprserver/cameras/CAM7/config/update']);
  await client.publishAsync('lprserver/cameras/CAM7/detection', JSON.stringify(payload), { qos: 1 });
  const waiting = await listed('CAM7');
  expect(waiting).toMatchObject({ state: 'waiting', transport: 'mqtt', held: { waiting: 1 } });
  expect((await hub.admin('POST', `/v1/devices/${waiting?.deviceId ?? ''}/approve`, {})).status).toBeLessThan(300);
  expect(await listed('CAM7')).toMatchObject({ state: 'approved', held: { waiting: 0 } });
  const { cameras } = (await listed('CAM7')) as unknown as { cameras: { cameraId: string }[] };
  await hub.hub.cameras.update(cameras[0]!.cameraId, { desired: { interval: 5 } });
  for (let i = 0; i < 200 && heard.length < 2; i++) await sleep(50);
  expect(heard).toEqual(['lprserver/cameras/CAM7/detection/ack', 'lprserver/cameras/CAM7/config/update']);
  await client.endAsync();
});

test('devices come by Socket.IO and raw WebSocket, on the extra ports too', async () => {
  const socket = io(`http://127.0.0.1:${extraPort}`, { transports: ['websocket'], forceNew: true });
  await once(socket as never, 'connect');
  const answer = once(socket as never, 'lpr_response');
  socket.emit('camera_register', { camera_id: 'G2', checkpoint_id: '1', timestamp: new Date().toISOString() });
  await Promise.race([answer, sleep(2_000)]);
  const ws = new WebSocket(`ws://127.0.0.1:${extraPort}/`);
  await once(ws, 'open');
  const reply = once(ws, 'message') as Promise<[Buffer]>;
  const data = { license_plate: 'กข1234', checkpoint_id: 'cp1', timestamp: '20250611_081530', hostname: 'aicamera1' };
  ws.send(JSON.stringify({ table: 'lpr_detection', data: { ...data, latitude: '13.75', longitude: ' 100.50' } }));
  expect(JSON.parse((await reply)[0].toString())).toMatchObject({ status: 'success' });
  const { body } = await hub.admin('GET', '/v1/status');
  expect(body).toMatchObject({
    doors: { connections: { socketio: 1, websocket: 1 }, broker: { kind: 'embedded', port: mqttPort, tlsPort: null } },
  });
  expect((await hub.admin('GET', '/health')).body).toMatchObject({ parts: { broker: { ok: true, problem: null } } });
  socket.close();
  ws.close();
});

test('the editor is still reached by its own connections', async () => {
  const ws = new WebSocket(`${hub.url.replace('http', 'ws')}/editor/comms`);
  ws.on('error', () => undefined);
  await once(ws, 'open');
  ws.close();
});

test('a second hub on the same MQTT port is told so', async () => {
  await expect(startTestHub({ MQTT_PORT: String(mqttPort) })).rejects.toMatchObject({
    ...{ code: 'port_in_use', message: expect.stringContaining('MQTT_PORT') },
  });
});
