/** What to do with a camera once it is known: how the hub asks it, and what to enter in it so that it tells the hub. */
import type { Maker } from './probe-checks.ts';

/** A camera that the hub would ask by itself. */
export interface ReadyCamera {
  readonly protocol: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
}

/** One thing to enter in the camera. `field` and `menu` are the camera's own words; `menu` is given where it changes. */
export interface EntryStep {
  readonly menu: string | null;
  readonly field: string;
  readonly value: string;
}

/** A camera or program that reads plates by itself and tells the hub. */
export interface ReadyDevice {
  /** A device format of the hub. */
  readonly format: string;
  readonly steps: readonly EntryStep[];
}

/** The hub, as the camera reaches it. */
export interface HubAddress {
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly isSecure: boolean;
  /** Of the hub's broker; null when it has none. */
  readonly mqttPort: number | null;
}

/** @param base `http://camera:port`, without a path */
export function readyCameras(
  maker: Maker,
  base: string,
  signIn: Readonly<Record<string, string>>,
): readonly ReadyCamera[] {
  const snapshot = (path: string): ReadyCamera => ({ protocol: 'snapshot', config: { url: base + path, ...signIn } });
  const mjpeg = (path: string): ReadyCamera => ({ protocol: 'mjpeg', config: { url: base + path, ...signIn } });
  switch (maker) {
    case 'hikvision':
      return [snapshot('/ISAPI/Streaming/channels/101/picture')];
    case 'dahua':
      return [snapshot('/cgi-bin/snapshot.cgi?channel=1')];
    case 'axis':
      return [mjpeg('/axis-cgi/mjpg/video.cgi'), snapshot('/axis-cgi/jpg/image.cgi')];
    case 'milesight':
      return [snapshot('/snapshot.cgi')];
    default:
      return [];
  }
}

const steps = (menu: string, entries: readonly (readonly [field: string, value: string])[]): EntryStep[] =>
  entries.map(([field, value], index) => ({ menu: index === 0 ? menu : null, field, value }));

/** Menus are those of the makers' current web pages; older firmware calls some of them otherwise. */
export function readyDevices(maker: Maker, hub: HubAddress): readonly ReadyDevice[] {
  const { url, host, port, isSecure } = hub;
  const path = (format: string): string => `/ingest/${format}`;
  const protocol = isSecure ? 'HTTPS' : 'HTTP';
  switch (maker) {
    case 'hikvision':
      return [
        {
          format: 'hikvision',
          steps: steps('Configuration → Network → Advanced Settings → HTTP Listening', [
            ['Destination IP or Host Name', host],
            ['URL', path('hikvision')],
            ['Protocol', protocol],
            ['Port', port],
          ]),
        },
      ];
    case 'dahua':
      return [
        {
          format: 'dahua',
          steps: steps('Setup → Network → Platform Access → ITSAPI', [
            ['Platform Server', host],
            ['Port', port],
            ['Plate Info Path', '/NotificationInfo/TollgateInfo'],
            ['Heartbeat Path', '/NotificationInfo/KeepAlive'],
            ['Device Info Path', '/NotificationInfo/DeviceInfo'],
          ]),
        },
      ];
    case 'axis':
      return [
        {
          format: 'axis',
          steps: steps('Apps → AXIS License Plate Verifier → Integration → Push events', [
            ['Protocol', `${protocol} POST`],
            ['Server URL', url + path('axis')],
          ]),
        },
      ];
    case 'milesight':
      return [
        {
          format: 'milesight',
          steps: steps('LPR → Settings → LPR Message → HTTP Post', [
            ['HTTP Notification URL', url + path('milesight')],
            ['Snapshot Type', 'Plate image and full image'],
          ]),
        },
      ];
    case 'rekor':
      return [
        {
          format: 'rekor',
          steps: steps('Scout Agent → Configure → Data destination → Other HTTP Web Server', [
            ['URL', url + path('rekor')],
          ]),
        },
      ];
    case 'plate-recognizer':
      return [
        {
          format: 'plate-recognizer',
          steps: steps('Stream: config.ini → [[webhooks]] → [[[hub]]]', [
            ['url', url + path('plate-recognizer')],
            ['image', 'yes'],
          ]),
        },
      ];
    case 'frigate':
      return hub.mqttPort === null
        ? []
        : [
            {
              format: 'frigate',
              steps: steps('config.yml → mqtt', [
                ['enabled', 'true'],
                ['host', host],
                ['port', String(hub.mqttPort)],
                ['topic_prefix', 'frigate'],
              ]),
            },
          ];
    default:
      return [];
  }
}
