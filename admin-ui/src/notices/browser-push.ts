/** Alerts in this browser while the console is closed: switching it on and off here, and whether that is possible at all. */
import { call } from '../api/client.ts';

const WORKER = '/push-worker.js';
const KEPT = 'lpr.push-subscription';

/** `unsupported`: no push in this browser, or the page was not opened over https. `blocked`: the person said no, in the browser. */
export type PushHere = 'unsupported' | 'blocked' | 'off' | 'on';

const isSupported = (): boolean =>
  window.isSecureContext && 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

export async function pushHere(): Promise<PushHere> {
  if (!isSupported()) return 'unsupported';
  if (Notification.permission === 'denied') return 'blocked';
  return (await subscription()) === null || localStorage.getItem(KEPT) === null ? 'off' : 'on';
}

/** What a person calls this browser: its name and its system. */
function label(): string {
  const { userAgent } = navigator;
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => userAgent.includes(`${name}/`)) ?? '';
  const system =
    ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find((name) => userAgent.includes(name)) ?? '';
  const known = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return [known, system].filter((part) => part !== '').join(' · ');
}

/** Asks the person, in the browser's own words; must follow a click. Resolves with what came of it. */
export async function switchPushOn(): Promise<PushHere> {
  if (!isSupported()) return 'unsupported';
  if ((await Notification.requestPermission()) !== 'granted') return pushHere();
  const { publicKey } = await call('GET /push');
  const registration = await navigator.serviceWorker.register(WORKER);
  await navigator.serviceWorker.ready;
  const ask = (): Promise<PushSubscription> =>
    registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  // One that was made under another hub's key is of no use, and keeps a new one away.
  const made = await ask().catch(async () => {
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    return ask();
  });
  const { endpoint, keys } = made.toJSON();
  const body = {
    endpoint: endpoint ?? '',
    keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
    label: label(),
  };
  const { subscriptionId } = await call('POST /push-subscriptions', { body });
  localStorage.setItem(KEPT, subscriptionId);
  return 'on';
}

export async function switchPushOff(): Promise<PushHere> {
  const subscriptionId = localStorage.getItem(KEPT);
  await (await subscription())?.unsubscribe();
  localStorage.removeItem(KEPT);
  if (subscriptionId !== null) {
    // The hub forgets it by itself when the browser's vendor says that it is no more.
    await call('DELETE /push-subscriptions/:subscriptionId', { params: { subscriptionId } }).catch(() => undefined);
  }
  return pushHere();
}
