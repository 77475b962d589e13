import { randomUUID } from 'node:crypto';
import type { StoredTemplate, TemplateStore } from '../../alerts/templates.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';

export function createTemplateStore(database: Database): TemplateStore {
  return {
    async list() {
      const { rows } = await database.pool.query<StoredTemplate>(
        `select template_id as "templateId", kind, nullif(plugin, '') as plugin, language, title, body as text,
                masks_plate as "masksPlate", changed_at as "changedAt"
           from alert_templates order by kind, plugin, language`,
      );
      return rows;
    },
    save: ({ kind, plugin, language, title, text, masksPlate }) =>
      database.transaction(async (client) => {
        await client.query(
          `insert into alert_templates (template_id, kind, plugin, language, title, body, masks_plate)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (kind, plugin, language) do update
             set title = excluded.title, body = excluded.body, masks_plate = excluded.masks_plate, changed_at = now()`,
          [randomUUID(), kind, plugin ?? '', language, title, text, masksPlate],
        );
        await tellNews(client, 'templates');
      }),
    remove: (templateId) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query('delete from alert_templates where template_id = $1', [templateId]);
        await tellNews(client, 'templates');
        return rowCount === 1;
      }),
  };
}
