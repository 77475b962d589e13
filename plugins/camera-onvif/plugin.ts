/**
 * ONVIF cameras that are asked for their plates over a pull point: CreatePullPointSubscription, PullMessages, Renew (ONVIF
 * Core, 9.1), signed in with WS-UsernameToken. What they say is read by the device format `onvif`.
 */
import {
  at,
  defineCameraProtocol,
  errorMessage,
  LprError,
  NOTHING_SEEN,
  secret,
  text,
  textAt,
  url,
  xmlOf,
  type CameraContext,
  type DeviceEvent,
  type WireObject,
} from '../../core/plugins/define.ts';
import { envelope, securityHeader } from './soap.ts';

const fields = { address: url({ required: true }), username: text(), password: secret() };

type Context = CameraContext<typeof fields>;

const TERMINATION_SECONDS = 60;
const RENEW_AFTER_MS = 25_000;
/** How long the camera holds its answer back until something happens. */
const PULL_SECONDS = 10;
const TOPIC = 'tns1:RuleEngine/Recognition/LicensePlate';
const EVENTS = 'http://www.onvif.org/ver10/events/wsdl';
const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';

interface Camera {
  /** @throws camera_bad_answer with the camera's own reason */
  ask(path: string, action: string, body: string, timeoutMs?: number): Promise<{ bytes: Uint8Array; body: WireObject }>;
}

/** Addresses that a camera names of itself are often those of its own network: only what stands behind the host counts. */
const pathOf = (said: unknown, fallback: string): string => {
  const address = textAt(said);
  if (address === null || !URL.canParse(address)) return fallback;
  const { pathname, search } = new URL(address);
  return pathname + search;
};

const textOf = (value: unknown): string | null =>
  textAt(typeof value === 'object' && value !== null ? at(value, '#text') : value);

async function connect({ config, fetchBytes }: Context): Promise<Camera> {
  const { host } = new URL(config.address);
  /** The camera refuses what is signed at another time than its own clock's; null until that is known. */
  let clockAheadMs: number | null = null;
  const ask: Camera['ask'] = async (path, action, body, timeoutMs) => {
    const isSigned = config.username !== '' && clockAheadMs !== null;
    const now = new Date(Date.now() + (clockAheadMs ?? 0));
    const security = isSigned ? securityHeader(config.username, config.password, now) : '';
    const { href } = new URL(path, config.address);
    const { status, bytes } = await fetchBytes(href, {
      method: 'POST',
      account: config,
      headers: { 'content-type': `application/soap+xml; charset=utf-8; action="${action}"` },
      body: envelope({ action, to: href, security, body }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    // A fault comes with status 400 or 500 and says more than the status.
    const root = bytes.length > 0 && bytes[0] === 0x3c ? xmlOf(bytes, 'answer') : {};
    const fault = at(root, 'Envelope.Body.Fault');
    if (fault !== undefined) {
      const reason = textOf(at(fault, 'Reason.Text')) ?? textOf(at(fault, 'faultstring')) ?? 'no reason given';
      const isSignIn = /NotAuthorized|auth/i.test(JSON.stringify(fault));
      const remedy = isSignIn ? ': check user name and password, and the clock of the camera' : '';
      throw new LprError(
        'camera_bad_answer',
        `${host} refuses ${action.split('/').at(-1)} (${reason.slice(0, 200)})${remedy}.`,
      );
    }
    if (status !== 200) {
      throw new LprError('camera_bad_answer', `${host} answers HTTP ${status} at ${path}: is this an ONVIF camera?`);
    }
    const answer = at(root, 'Envelope.Body');
    return { bytes, body: typeof answer === 'object' && answer !== null ? (answer as WireObject) : {} };
  };
  const { body } = await ask('/onvif/device_service', `${DEVICE}/GetSystemDateAndTime`, `<tds:GetSystemDateAndTime/>`);
  const utc = at(body, 'GetSystemDateAndTimeResponse.SystemDateAndTime.UTCDateTime');
  const [year, month, day, hour, minute, second] = [
    'Date.Year',
    'Date.Month',
    'Date.Day',
    'Time.Hour',
    'Time.Minute',
    'Time.Second',
  ].map((key) => Number(textAt(at(utc, key)) ?? NaN));
  const clock = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second);
  clockAheadMs = Number.isFinite(clock) ? clock - Date.now() : 0;
  return { ask };
}

/** @returns the path of the pull point */
async function subscribe(camera: Camera): Promise<string> {
  const capabilities = await camera.ask(
    '/onvif/device_service',
    `${DEVICE}/GetCapabilities`,
    '<tds:GetCapabilities><tds:Category>Events</tds:Category></tds:GetCapabilities>',
  );
  const service = pathOf(
    at(capabilities.body, 'GetCapabilitiesResponse.Capabilities.Events.XAddr'),
    '/onvif/event_service',
  );
  const create = async (filter: string): Promise<string> => {
    const { body } = await camera.ask(
      service,
      `${EVENTS}/EventPortType/CreatePullPointSubscriptionRequest`,
      `<tev:CreatePullPointSubscription>${filter}<tev:InitialTerminationTime>PT${TERMINATION_SECONDS}S</tev:InitialTerminationTime></tev:CreatePullPointSubscription>`,
    );
    const reference = at(body, 'CreatePullPointSubscriptionResponse.SubscriptionReference.Address');
    return pathOf(textOf(reference), service);
  };
  const topic = `<tev:Filter><wsnt:TopicExpression Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${TOPIC}</wsnt:TopicExpression></tev:Filter>`;
  try {
    return await create(topic);
  } catch (error) {
    // Cameras without that topic refuse the filter, some refuse any: the format passes over what is no plate.
    if (!(error instanceof Error) || !/filter|topic/i.test(error.message)) throw error;
    return create('');
  }
}

/** Cameras may tell a picture's address instead of the picture. A read counts without it. */
async function withPicture(event: DeviceEvent, { config, fetchBytes, log }: Context): Promise<DeviceEvent> {
  if (event.pull === null) return event;
  const { href } = new URL(event.pull.path, config.address);
  try {
    const { status, bytes } = await fetchBytes(href, { account: config });
    if (status === 200) return { ...event, frame: bytes, pull: null };
    log.warn({ status }, 'the camera gave no picture at the address that it named');
  } catch (error) {
    log.warn({ err: errorMessage(error) }, 'the camera gave no picture at the address that it named');
  }
  return { ...event, pull: null };
}

export default defineCameraProtocol({
  id: 'onvif',
  reader: 'onvif',
  fields,
  async *frames(context): AsyncGenerator<DeviceEvent> {
    const { signal, decode } = context;
    const camera = await connect(context);
    const point = await subscribe(camera);
    let renewedAt = performance.now();
    while (!signal.aborted) {
      const { bytes } = await camera.ask(
        point,
        `${EVENTS}/PullPointSubscription/PullMessagesRequest`,
        `<tev:PullMessages><tev:Timeout>PT${PULL_SECONDS}S</tev:Timeout><tev:MessageLimit>100</tev:MessageLimit></tev:PullMessages>`,
        (PULL_SECONDS + 10) * 1_000,
      );
      yield NOTHING_SEEN;
      for (const event of await decode('onvif', { body: bytes })) yield withPicture(event, context);
      if (performance.now() - renewedAt < RENEW_AFTER_MS) continue;
      await camera.ask(
        point,
        'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest',
        `<wsnt:Renew><wsnt:TerminationTime>PT${TERMINATION_SECONDS}S</wsnt:TerminationTime></wsnt:Renew>`,
      );
      renewedAt = performance.now();
    }
  },
  async test(context) {
    await subscribe(await connect(context));
    return null;
  },
});
