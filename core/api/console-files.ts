/** The console: its built files, and its one page for every address that is a page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express } from 'express';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>LPR Hub</title>
<p>The console is not built. Run <code>npm run build:console</code>, then load this page again.</p>`;

export function addConsole(app: Express, folder: string): void {
  // Their names carry a hash of what is in them.
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }));
  app.use(express.static(folder, { index: false, maxAge: '1h', dotfiles: 'ignore' }));
  const page = join(folder, 'index.html');
  app.get(/.*/, (req, res, next) => {
    // Pages only: a script that is missing must not be answered with HTML.
    if (req.path !== '/' && req.headers.accept?.includes('text/html') !== true) {
      next();
      return;
    }
    res.setHeader('Cache-Control', 'no-cache');
    if (existsSync(page)) res.sendFile(page, { cacheControl: false });
    else res.status(503).type('html').send(NOT_BUILT);
  });
}
