/**
 * Against small local stand-ins of what the makers' devices answer, constructed after their published HTTP interfaces. None
 * of these answers was recorded from a device.
 */
import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseAddress, probe, type ProbeResult } from './probe.ts';

const PROTOCOLS = new Set(['snapshot', 'mjpeg', 'rtsp']);
const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function standIn(listener: RequestListener): Promise<string> {
  const server: Server = createHttpServer(listener);
  servers.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const ask = (
  address: string,
  more: { username?: string; password?: string; publicUrl?: string } = {},
): Promise<ProbeResult> =>
  probe(
    {
      ...{ address, username: more.username ?? '', password: more.password ?? '' },
      hub: { publicUrl: more.publicUrl ?? null, seenUrl: 'http://localhost:3000', mqttPort: 1883 },
    },
    PROTOCOLS,
  );
/** Answers one path and knows no other. */
const only =
  (path: string, type: string, body: string): RequestListener =>
  (req, res) => {
    if (req.url === path) res.writeHead(200, { 'content-type': type }).end(body);
    else res.writeHead(404).end();
  };
const bodyOf = async (req: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const HIKVISION = `<?xml version="1.0" encoding="UTF-8"?><DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><deviceName>IP CAMERA</deviceName><model>DS-2CD7A26G0/P-IZS</model><firmwareVersion>V5.5.800</firmwareVersion></DeviceInfo>`;

describe('a stand-in of', () => {
  test('Hikvision behind a digest sign-in: model, snapshot, and what to enter under HTTP Listening', async () => {
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const address = await standIn((req, res) => {
      if (!req.url?.startsWith('/ISAPI/')) return void res.writeHead(404).end();
      const given = Object.fromEntries(
        [...(req.headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map((m) => [m[1], m[2]]),
      );
      const ha1 = md5('admin:IP Camera(1):s3cret');
      const right = md5(`${ha1}:n:${given['nc']}:${given['cnonce']}:auth:${md5(`GET:${req.url}`)}`);
      if (given['response'] === right)
        return void res.writeHead(200, { 'content-type': 'application/xml' }).end(HIKVISION);
      const challenge = 'Digest qop="auth", realm="IP Camera(1)", nonce="n"';
      res.writeHead(401, { 'www-authenticate': challenge, server: 'App-webs/' }).end();
    });
    const closed = await ask(address);
    expect(closed).toMatchObject({ maker: 'hikvision', model: null, wantsPassword: true });
    const open = await ask(address, { username: 'admin', password: 's3cret' });
    expect(open).toMatchObject({
      maker: 'hikvision',
      model: 'DS-2CD7A26G0/P-IZS',
      firmware: 'V5.5.800',
      wantsPassword: false,
    });
    const url = `http://${address}/ISAPI/Streaming/channels/101/picture`;
    expect(open.cameras).toEqual([{ protocol: 'snapshot', config: { url, username: 'admin' } }]);
    expect(open.devices[0]?.steps.map(({ field, value }) => [field, value])).toEqual([
      ['Destination IP or Host Name', '127.0.0.1'],
      ['URL', '/ingest/hikvision'],
      ['Protocol', 'HTTP'],
      ['Port', '3000'],
    ]);
    expect(JSON.stringify(open)).not.toContain('s3cret');
  });

  test('Dahua: the three paths of its platform access, at the public address of the hub', async () => {
    const address = await standIn(
      only('/cgi-bin/magicBox.cgi?action=getDeviceType', 'text/plain', 'type=ITC413-PW4D\r\n'),
    );
    const result = await ask(address, { publicUrl: 'https://lpr.example' });
    expect(result).toMatchObject({ maker: 'dahua', model: 'ITC413-PW4D', hubUrl: 'https://lpr.example' });
    expect(result.devices[0]?.steps).toMatchObject([
      { menu: expect.stringContaining('ITSAPI'), value: 'lpr.example' },
      { menu: null, field: 'Port', value: '443' },
      { value: '/NotificationInfo/TollgateInfo' },
      { value: '/NotificationInfo/KeepAlive' },
      { value: '/NotificationInfo/DeviceInfo' },
    ]);
  });

  test('Axis: motion JPEG first', async () => {
    const path = '/axis-cgi/param.cgi?action=list&group=Brand';
    const body = 'root.Brand.Brand=AXIS\nroot.Brand.ProdShortName=AXIS P1465-LE-3\n';
    const result = await ask(await standIn(only(path, 'text/plain', body)));
    expect(result).toMatchObject({ maker: 'axis', model: 'AXIS P1465-LE-3' });
    expect(result.cameras.map(({ protocol }) => protocol)).toEqual(['mjpeg', 'snapshot']);
  });

  test.each([
    ['dahua', 'Digest realm="Login to 5F0A1C", nonce="n"', ''],
    ['axis', 'Digest realm="AXIS_ACCC8ED3290D", nonce="n"', ''],
    ['hikvision', 'Digest realm="DS-2CD", nonce="n"', 'DNVRS-Webs'],
  ])('%s that wants a password is known by how it asks', async (maker, challenge, server) => {
    const address = await standIn((_req, res) => res.writeHead(401, { 'www-authenticate': challenge, server }).end());
    expect(await ask(address)).toMatchObject({ maker, wantsPassword: true, isReached: true });
  });

  test.each([
    [
      'milesight',
      '/cgi-bin/operator/operator.cgi?action=get.system.information&format=json',
      '{"model":"MS-C2966","firmwareVersion":"61.8"}',
      'MS-C2966',
    ],
    ['frigate', '/api/version', '0.16.1-e664cb2', 'Frigate'],
    ['plate-recognizer', '/info/', '{"version":"1.53","license_key":"x","total_calls":1}', 'Plate Recognizer'],
  ])('%s', async (maker, path, body, model) => {
    const result = await ask(await standIn(only(path, 'text/plain', body)));
    expect(result).toMatchObject({ maker, model });
    expect(result.devices[0]?.format).toBe(maker);
  });

  test('ONVIF: asked with a digested password; its own snapshot address counts, on the same host alone', async () => {
    let host = '127.0.0.1';
    const passwords: string[] = [];
    const address = await standIn((req, res) => {
      void bodyOf(req).then((body) => {
        if (req.method !== 'POST') return res.writeHead(404).end();
        const of = (name: string): string => new RegExp(`<${name}[^>]*>([^<]*)<`).exec(body)?.[1] ?? '';
        const digest = createHash('sha1')
          .update(Buffer.from(of('Nonce'), 'base64'))
          .update(of('Created') + 's3cret')
          .digest('base64');
        const envelope = (inner: string): string =>
          `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Body>${inner}</s:Body></s:Envelope>`;
        if (of('Password') !== digest) return res.writeHead(400).end(envelope('<s:Fault>ter:NotAuthorized</s:Fault>'));
        passwords.push(body);
        if (body.includes('GetProfiles')) return res.end(envelope('<trt:Profiles fixed="true" token="main"/>'));
        if (body.includes('GetSnapshotUri')) {
          return res.end(envelope(`<tt:Uri>http://${host}/snap?a=1&amp;b=2</tt:Uri>`));
        }
        return res.end(envelope('<tds:Manufacturer>Uniview</tds:Manufacturer><tds:Model>HC121</tds:Model>'));
      });
    });
    expect(await ask(address)).toMatchObject({ maker: 'onvif', model: null, wantsPassword: true, cameras: [] });
    const found = await ask(address, { username: 'admin', password: 's3cret' });
    expect(found).toMatchObject({ maker: 'onvif', model: 'HC121', wantsPassword: false });
    expect(found.cameras).toEqual([
      { protocol: 'snapshot', config: { url: 'http://127.0.0.1/snap?a=1&b=2', username: 'admin' } },
    ]);
    expect(passwords.join('')).not.toContain('s3cret');
    host = 'evil.example';
    expect((await ask(address, { username: 'admin', password: 's3cret' })).cameras).toEqual([]);
  });

  test('any camera by the address of its picture or stream, which is not read to its end', async () => {
    const address = await standIn((req, res) => {
      if (req.url === '/live') {
        res.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=b' }).write('--b\r\n');
      } else if (req.url === '/snap.jpg?channel=2') res.writeHead(200, { 'content-type': 'image/jpeg' }).end('jpeg');
      else res.writeHead(404).end();
    });
    expect((await ask(`http://${address}/live`)).cameras).toEqual([
      { protocol: 'mjpeg', config: { url: `http://${address}/live` } },
    ]);
    const snapshot = await ask(`http://${address}/snap.jpg?channel=2`);
    expect(snapshot).toMatchObject({ maker: 'unknown', isReached: true, devices: [] });
    expect(snapshot.cameras).toEqual([
      { protocol: 'snapshot', config: { url: `http://${address}/snap.jpg?channel=2` } },
    ]);
  });

  test('an RTSP server', async () => {
    const said: string[] = [];
    const server = createTcpServer((socket) => {
      socket.on('data', (bytes) => {
        said.push(bytes.toString());
        socket.write('RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n');
      });
      socket.on('error', () => undefined);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/stream1`;
    const result = await ask(url.replace('//', '//admin:s3cret@'));
    expect(said[0]).toMatch(/^OPTIONS rtsp:\/\/127\.0\.0\.1:\d+\/stream1 RTSP\/1\.0\r\n/);
    expect(result.cameras).toEqual([{ protocol: 'rtsp', config: { url, username: 'admin' } }]);
    expect(JSON.stringify([result, said])).not.toContain('s3cret');
  });
});

test('what answers nonsense, or never ends its answer, does no harm', async () => {
  const endless = await standIn((_req, res) => {
    const timer = setInterval(() => res.write('x'.repeat(10_000)), 1);
    res.on('close', () => {
      clearInterval(timer);
    });
  });
  expect(await ask(endless)).toMatchObject({ maker: 'unknown', isReached: true, cameras: [] });
  const closed = createTcpServer();
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
  const { port } = closed.address() as AddressInfo;
  await new Promise((done) => closed.close(done));
  expect(await ask(`127.0.0.1:${port}`)).toMatchObject({ maker: 'unknown', isReached: false });
});

test('one that never answers costs eight seconds, not more', async () => {
  const address = await standIn(() => undefined);
  const started = performance.now();
  expect(await ask(address)).toMatchObject({ maker: 'unknown', isReached: true });
  expect(performance.now() - started).toBeLessThan(12_000);
}, 20_000);

test.each([
  ['192.168.1.64', { host: '192.168.1.64', port: null, scheme: 'http', path: '/' }],
  ['cam.local:8080', { host: 'cam.local', port: 8080 }],
  ['http://cam:80/x?y=1', { port: 80, path: '/x?y=1' }],
  ['rtsp://a:b%40c@cam/1', { scheme: 'rtsp', account: { username: 'a', password: 'b@c' } }],
  ['[fe80::1]:81', { host: '[fe80::1]', port: 81 }],
])('%s is understood', (address, target) => {
  expect(parseAddress(address, '', '')).toMatchObject(target);
});
test.each(['ftp://cam', 'http://', 'a b', 'file:///etc/passwd'])('%s is refused by its field', (address) => {
  expect(() => parseAddress(address, '', '')).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});
