/** Jest runs the TypeScript sources as Node does: types are stripped in place, so line numbers stay exact. */
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path) => createHash('sha1').update(path).update(process.version).update(source).digest('hex'),
};
