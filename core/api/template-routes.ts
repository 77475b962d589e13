import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

export function templateRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { templates } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/alert-templates',
      needs: 'alerts.manage',
      summary: 'The words of notices, by kind, channel and language',
      answer: listOf(contract.Template),
      handle: () => Promise.resolve({ items: wire(templates.list()) }),
    }),
    route({
      method: 'get',
      path: '/alert-templates/fields',
      needs: 'alerts.manage',
      summary: 'What templates may name, with examples',
      answer: listOf(contract.TemplateField),
      handle: () => Promise.resolve({ items: wire(templates.fields()) }),
    }),
    route({
      method: 'post',
      path: '/alert-templates',
      needs: 'alerts.manage',
      summary: 'Put words into their slot, in place of those that are there',
      body: contract.TemplateInput,
      answer: contract.Template,
      async handle({ body, ...asker }) {
        const template = await templates.save(body);
        const { kind, plugin, language } = body;
        await audit(asker, 'template.changed', template.templateId, { kind, plugin, language });
        return wire(template);
      },
    }),
    route({
      method: 'delete',
      path: '/alert-templates/:templateId',
      needs: 'alerts.manage',
      summary: 'Back to the words that come with the hub',
      params: idParams('templateId'),
      async handle({ params: { templateId }, ...asker }) {
        await templates.reset(templateId);
        await audit(asker, 'template.reset', templateId);
      },
    }),
    route({
      method: 'post',
      path: '/alert-templates/preview',
      needs: 'alerts.manage',
      summary: 'A template on a real alert, with its length as SMS',
      body: contract.PreviewInput,
      answer: contract.Preview,
      handle: async ({ body: { alertId, ...input } }) => wire(await templates.preview(input, alertId)),
    }),
  ];
}
