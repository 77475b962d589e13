/**
 * What is asked of an address to find out who makes the camera behind it, and how its answers are read. Sources: the makers'
 * published HTTP interfaces (ISAPI, Dahua HTTP API, VAPIX, Milesight CGI, Frigate HTTP API, Plate Recognizer SDK).
 */

export type Maker =
  'hikvision' | 'dahua' | 'axis' | 'milesight' | 'frigate' | 'rekor' | 'plate-recognizer' | 'onvif' | 'unknown';

/** An answer as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  /** Of `WWW-Authenticate`; empty when there is none. */
  readonly realm: string;
  readonly server: string;
  /** At most the first 64 kB. */
  readonly text: string;
}

export interface Found {
  readonly model: string | null;
  readonly firmware: string | null;
  /** It is this maker, and wants a name and password before it says more. */
  readonly wantsPassword: boolean;
}

export interface Check {
  readonly maker: Maker;
  readonly path: string;
  /** Where the maker's software listens when the address names no port. */
  readonly port: number;
  /** Null: it is not this. */
  read(answer: Answer): Found | null;
}

const PASSWORD: Found = { model: null, firmware: null, wantsPassword: true };
/** Text of the first element of this name in any namespace; null when it is absent or empty. */
export function element(xml: string, name: string): string | null {
  const text = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1]?.trim() ?? '';
  return text === '' ? null : text;
}
/** `name=value` lines. */
function value(text: string, name: string): string | null {
  const line = text.split(/\r?\n/).find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}=`));
  const found = line?.slice(name.length + 1).trim() ?? '';
  return found === '' ? null : found;
}
function json(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
const textOr = (given: unknown): string | null => (typeof given === 'string' && given !== '' ? given : null);

export const CHECKS: readonly Check[] = [
  {
    maker: 'hikvision',
    path: '/ISAPI/System/deviceInfo',
    port: 80,
    read({ status, text, server }) {
      if (status === 401) return /App-webs|DNVRS-Webs|DVRDVS|hikvision/i.test(server) ? PASSWORD : null;
      if (status !== 200 || !/<DeviceInfo[\s>]/.test(text)) return null;
      return { model: element(text, 'model'), firmware: element(text, 'firmwareVersion'), wantsPassword: false };
    },
  },
  {
    maker: 'dahua',
    path: '/cgi-bin/magicBox.cgi?action=getDeviceType',
    port: 80,
    read({ status, text, realm }) {
      if (status === 401) return /^Login to /i.test(realm) ? PASSWORD : null;
      const model = status === 200 ? value(text, 'type') : null;
      return model === null ? null : { model, firmware: null, wantsPassword: false };
    },
  },
  {
    maker: 'axis',
    path: '/axis-cgi/param.cgi?action=list&group=Brand',
    port: 80,
    read({ status, text, realm }) {
      if (status === 401) return /^AXIS_/i.test(realm) ? PASSWORD : null;
      if (status !== 200 || value(text, 'root.Brand.Brand') === null) return null;
      return { model: value(text, 'root.Brand.ProdShortName'), firmware: null, wantsPassword: false };
    },
  },
  {
    maker: 'milesight',
    path: '/cgi-bin/operator/operator.cgi?action=get.system.information&format=json',
    port: 80,
    read({ status, text, realm, server }) {
      if (status === 401) return /milesight/i.test(realm + server) ? PASSWORD : null;
      const said = status === 200 ? json(text) : null;
      const model = textOr(said?.['model']);
      if (model === null) return null;
      return { model, firmware: textOr(said?.['firmwareVersion']), wantsPassword: false };
    },
  },
  {
    maker: 'frigate',
    path: '/api/version',
    port: 5000,
    read({ status, text }) {
      const version = /^"?(\d+\.\d+[\w.-]*)"?\s*$/.exec(text)?.[1];
      return status === 200 && version !== undefined
        ? { model: 'Frigate', firmware: version, wantsPassword: false }
        : null;
    },
  },
  {
    maker: 'plate-recognizer',
    path: '/info/',
    port: 8080,
    read({ status, text }) {
      const said = status === 200 ? json(text) : null;
      if (said === null || !('license_key' in said || 'total_calls' in said)) return null;
      return { model: 'Plate Recognizer', firmware: textOr(said['version']), wantsPassword: false };
    },
  },
  {
    // The agent serves its pictures here and says nothing of itself.
    maker: 'rekor',
    path: '/img/none.jpg',
    port: 8355,
    read: ({ status, server, text }) =>
      /alpr|rekor|scout/i.test(server + text.slice(0, 500)) && status !== 401
        ? { model: 'Rekor Scout', firmware: null, wantsPassword: false }
        : null,
  },
];

export interface OnvifAnswer {
  readonly status: number;
  readonly text: string;
}

/** What a SOAP answer of an ONVIF device service says. */
export function readOnvif({ status, text }: OnvifAnswer): (Found & { readonly manufacturer: string | null }) | null {
  if (!/onvif\.org|www\.w3\.org\/2003\/05\/soap-envelope/.test(text)) return null;
  const model = element(text, 'Model');
  const manufacturer = element(text, 'Manufacturer');
  if (model !== null || manufacturer !== null) {
    return { manufacturer, model, firmware: element(text, 'FirmwareVersion'), wantsPassword: false };
  }
  const isRefused = status === 401 || /NotAuthorized|Unauthorized/i.test(text);
  return isRefused ? { manufacturer: null, ...PASSWORD } : null;
}

/** The maker by the name that its device gives itself. */
export function makerOf(manufacturer: string | null): Maker {
  const name = manufacturer?.toLowerCase() ?? '';
  const known = ['hikvision', 'dahua', 'axis', 'milesight'] as const;
  return known.find((maker) => name.includes(maker)) ?? 'onvif';
}
