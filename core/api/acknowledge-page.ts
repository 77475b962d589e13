/**
 * The page behind a link in a notice: it shows little and takes an alert after a press of its button, without a sign-in. Opening
 * it changes nothing, since mail programs and messengers open links by themselves; so do HEAD requests.
 */
import { createHash } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { OUTCOMES, type LinkedAlert, type Outcome } from '../alerts/acknowledgements.ts';
import { writtenTime, type TemplateSite } from '../alerts/template-fields.ts';
import { errorMessage } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { escapeHtml } from '../plugins/define.ts';
import en from './acknowledge-words.en-US.json' with { type: 'json' };
import th from './acknowledge-words.th.json' with { type: 'json' };

type Language = 'th' | 'en';
type Words = typeof en;
const WORDS: Readonly<Record<Language, Words>> = { en, th };
const MINUTE_MS = 60_000;
/** By address and minute: a whole office may stand behind one address, and mail programs open links too. */
const LOOKS = 120;
const PRESSES = 20;

const STYLE = `
:root{color-scheme:light dark;--ink:#0f172a;--soft:#475569;--back:#f8fafc;--card:#fff;--line:#cbd5e1;--go:#0f766e}
@media(prefers-color-scheme:dark){:root{--ink:#e2e8f0;--soft:#94a3b8;--back:#0b1120;--card:#172033;--line:#334155;--go:#0d9488}}
*{box-sizing:border-box}
body{margin:0;padding:24px 16px;background:var(--back);color:var(--ink);font:17px/1.6 Sarabun,"Noto Sans Thai",Tahoma,system-ui,sans-serif}
main{max-width:480px;margin:0 auto;padding:24px;background:var(--card);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 16px;font-size:21px;line-height:1.4}
small{display:block;color:var(--soft);font-size:14px;font-weight:400}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0 0 20px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.plate{font-weight:700;letter-spacing:.06em}
p{margin:0 0 16px}
button{display:block;width:100%;min-height:52px;margin:0 0 10px;padding:8px 16px;border:1px solid var(--line);border-radius:10px;background:transparent;color:inherit;font:inherit;cursor:pointer}
button.go{border-color:var(--go);background:var(--go);color:#fff;font-weight:700}
button.go small{color:#fff}
button:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}
h2{margin:24px 0 10px;font-size:16px}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow, noarchive',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);

/** In both languages, the reader's first. */
function both(language: Language, say: (words: Words, language: Language) => string): string {
  const other: Language = language === 'th' ? 'en' : 'th';
  return `${escapeHtml(say(WORDS[language], language))}<small lang="${other}">${escapeHtml(say(WORDS[other], other))}</small>`;
}

function page(language: Language, heading: string, body: string): string {
  const words = WORDS[language];
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="robots" content="noindex,nofollow">` +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">' +
    `<title>${escapeHtml(words.page)}</title><style>${STYLE}</style></head><body><main>` +
    `<h1>${heading}</h1>${body}</main></body></html>`
  );
}

const said = (language: Language, say: (words: Words, language: Language) => string): string =>
  `<p role="status">${both(language, say)}</p>`;

function factsOf(linked: LinkedAlert, site: TemplateSite): string {
  const { language, maskedPlate, cameraName, at, told } = linked;
  const words = WORDS[language];
  const rows: readonly (readonly [label: string, value: string, look: string])[] = [
    [words.plate, maskedPlate ?? '', ' class="plate"'],
    [words.camera, cameraName, ''],
    [words.seenAt, writtenTime(at, [], { language, site }), ''],
  ];
  const shown = rows.filter(([, value]) => value !== '');
  const list = shown
    .map(([label, value, look]) => `<dt>${escapeHtml(label)}</dt><dd${look}>${escapeHtml(value)}</dd>`)
    .join('');
  return `<dl>${list}</dl>${told === '' ? '' : `<p><small>${escapeHtml(filled(words.for, { name: told }))}</small></p>`}`;
}

function buttons(language: Language): string {
  const button = (outcome: Outcome): string =>
    `<button name="outcome" value="${outcome}">${both(language, ({ outcome: words }) => words[outcome])}</button>`;
  return (
    `<form method="post" autocomplete="off"><p>${both(language, ({ ask }) => ask)}</p>` +
    `<button class="go" name="outcome" value="">${both(language, ({ take }) => take)}</button>` +
    `<h2>${both(language, ({ outcomes }) => outcomes)}</h2>${OUTCOMES.map(button).join('')}</form>`
  );
}

/** What a link that changes nothing any more says; null: it can be used. */
function stateOf(linked: LinkedAlert, site: TemplateSite): { readonly status: number; readonly text: string } | null {
  const { language, acknowledgement, isRetracted, state } = linked;
  const taken =
    acknowledgement === null
      ? ''
      : said(language, ({ taken: words }, inLanguage) =>
          filled(words, {
            name: acknowledgement.by,
            time: writtenTime(acknowledgement.at, [], { language: inLanguage, site }),
          }),
        );
  if (state === 'used') return { status: 410, text: said(language, ({ used }) => used) + taken };
  if (state === 'expired') return { status: 410, text: said(language, ({ expired }) => expired) + taken };
  if (isRetracted) return { status: 200, text: said(language, ({ retracted }) => retracted) };
  return acknowledgement === null ? null : { status: 200, text: taken };
}

const send = (res: Response, status: number, html: string): void => {
  res.status(status).set(HEADERS).type('html').send(html);
};

const limited = (limit: number, methods: readonly string[]): RequestHandler =>
  rateLimit({
    windowMs: MINUTE_MS,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    skip: ({ method }) => !methods.includes(method),
    handler: (_req, res) => {
      res.setHeader('Retry-After', MINUTE_MS / 1000);
      send(
        res,
        429,
        page(
          'th',
          both('th', ({ page: words }) => words),
          said('th', ({ many }) => many),
        ),
      );
    },
  });

export function addAcknowledgePage(app: Express, hub: Pick<Hub, 'acknowledgements' | 'access' | 'log'>): void {
  const { acknowledgements, access, log } = hub;
  const router = express.Router();
  router.use(limited(LOOKS, ['GET', 'HEAD']), limited(PRESSES, ['POST']));

  const unknown = (res: Response): void => {
    send(
      res,
      404,
      page(
        'th',
        both('th', ({ page: words }) => words),
        said('th', (words) => words.unknown),
      ),
    );
  };
  const show = async (res: Response, linked: LinkedAlert): Promise<void> => {
    const site = await access.site();

    const state = stateOf(linked, site);
    const body = factsOf(linked, site) + (state?.text ?? buttons(linked.language));
    send(res, state?.status ?? 200, page(linked.language, escapeHtml(linked.title), body));
  };

  router.get('/:token', async ({ params: { token } }, res) => {
    const linked = await acknowledgements.look(token);
    if (linked === null) unknown(res);
    else await show(res, linked);
  });

  router.post('/:token', express.urlencoded({ extended: false, limit: '1kb' }), async (req, res) => {
    const { token } = req.params;
    const asked = (req.body as { outcome?: unknown } | undefined)?.outcome;
    const outcome = OUTCOMES.find((one) => one === asked) ?? null;
    const done = await acknowledgements.follow(token, outcome);
    if (done === null || !done.isFirst) {
      const linked = done?.linked ?? (await acknowledgements.look(token));
      if (linked === null) unknown(res);
      else await show(res, linked);
      return;
    }
    const { linked } = done;
    await access.audit({
      userId: null,
      action: 'alert.acknowledged',
      subject: linked.alertId,
      details: { how: 'link', by: linked.told, deliveryId: linked.deliveryId, outcome },
      address: req.ip ?? null,
    });
    const became =
      outcome === null
        ? ''
        : said(linked.language, ({ doneOutcome, outcome: words }) => filled(doneOutcome, { outcome: words[outcome] }));
    const body = factsOf(linked, await access.site()) + said(linked.language, (words) => words.done) + became;
    send(res, 200, page(linked.language, escapeHtml(linked.title), body));
  });

  router.use((_req, res) => {
    unknown(res);
  });
  // Whoever stands at the road side gets a page and no JSON.
  const failed: ErrorRequestHandler = (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    log.error({ err: errorMessage(error) }, 'a page that acknowledges could not be shown');
    send(
      res,
      503,
      page(
        'th',
        both('th', ({ page: words }) => words),
        said('th', ({ fault }) => fault),
      ),
    );
  };
  router.use(failed);
  app.use('/ack', router);
}
