/** A node's form and palette entry in Node-RED's editor, derived from its declaration. */
import type { Field, Fields } from '../../core/fields.ts';
import type { NodeSpec } from './define-node.ts';

export const CATEGORY = 'LPR';
/** The name under which Node-RED knows all our nodes and serves what lies in their `resources`. */
export const MODULE = '@lpr-hub/nodes';
/** Runs in the editor: the hub's lists (cameras, engines, …) for forms and labels. */
export const LISTS_SCRIPT = 'editor-lists.js';

export const COLOUR = '#a5d6cf';
/** Beside the editor's labels, which are 100 px wide. */
const HELP_STYLE = 'margin: 3px 0 0 104px; font-size: 12px; color: var(--red-ui-secondary-text-color)';

const entriesOf = (fields: Fields): readonly (readonly [string, Field<unknown>])[] => Object.entries(fields);

const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

function input(key: string, field: Field<unknown>): string {
  const id = `node-input-${key}`;
  switch (field.kind) {
    case 'flag':
      return `<input type="checkbox" id="${id}" style="display:inline-block; width:auto; vertical-align:top">`;
    case 'choice': {
      const options = (field.options ?? []).map(
        (value) => `<option value="${value}" data-i18n="field.${key}.option.${value}"></option>`,
      );
      return `<select id="${id}" style="width:70%">${options.join('')}</select>`;
    }
    case 'ref':
      return `<select id="${id}" style="width:70%"></select>`;
    case 'number': {
      const min = field.min === undefined ? '' : ` min="${field.min}"`;
      const max = field.max === undefined ? '' : ` max="${field.max}"`;
      const unit = field.unit === undefined ? '' : ` <span style="opacity:0.7">${field.unit}</span>`;
      return `<input type="number" step="any" id="${id}"${min}${max} style="width:110px">${unit}`;
    }
    default:
      return `<input type="${field.kind === 'secret' ? 'password' : 'text'}" id="${id}">`;
  }
}

function row(key: string, field: Field<unknown>, hasHelp: boolean): string {
  const help = hasHelp ? `<div style="${HELP_STYLE}" data-i18n="field.${key}.help"></div>` : '';
  return `<div class="form-row"><label for="node-input-${key}" data-i18n="field.${key}.label"></label> ${input(key, field)}${help}</div>`;
}

function property(key: string, field: Field<unknown>): string {
  const parts = [`value: ${json(field.default)}`];
  if (field.kind === 'number') {
    const { min = -Infinity, max = Infinity } = field;
    // A value such as ${NAME} comes from the environment when the flow starts.
    parts.push(`validate: (v) => /^\\$\\{.+\\}$/.test(v) || (v !== '' && +v >= ${min} && +v <= ${max})`);
  } else if (field.required) parts.push('required: true');
  return `${json(key)}: { ${parts.join(', ')} }`;
}

/** @param helped keys of fields whose catalogue has a help text */
export function editorHtml(spec: NodeSpec<any, any, any>, helped: ReadonlySet<string>): string {
  const fields = entriesOf(spec.fields);
  const outputs = spec.outputs as readonly string[];
  const plain = fields.filter(([, { kind }]) => kind !== 'secret');
  const secrets = fields.filter(([, { kind }]) => kind === 'secret');
  const offers = (spec.offers ?? {}) as Readonly<Record<string, string>>;
  const lists = fields.flatMap(([key, { kind, options = [] }]) =>
    kind === 'ref' ? [{ key, source: options[0], needs: offers[key] ?? null }] : [],
  );
  const summary = (spec.summary ?? []).map((key) => ({
    key,
    source: lists.find((list) => list.key === key)?.source ?? null,
  }));
  const form = fields.map(([key, field]) => row(key, field, helped.has(key))).join('\n');
  const credentials =
    secrets.length === 0
      ? ''
      : `\n    credentials: { ${secrets.map(([key]) => `${json(key)}: { type: 'password' }`).join(', ')} },`;
  return `<script src="resources/${MODULE}/${LISTS_SCRIPT}"></script>
<script type="text/html" data-template-name="${spec.type}">
<div class="form-row"><label for="node-input-name" data-i18n="node-red:common.label.name"></label> <input type="text" id="node-input-name"></div>
${form}
</script>
<script type="text/javascript">
  RED.nodes.registerType('${spec.type}', {
    category: '${CATEGORY}',
    color: '${spec.color ?? COLOUR}',
    icon: '${spec.icon}',
    defaults: { ${[`name: { value: '' }`, ...plain.map(([key, field]) => property(key, field))].join(', ')} },${credentials}
    inputs: ${spec.accepts === 'source' ? 0 : 1},
    outputs: ${outputs.length},
    paletteLabel() { return this._('label'); },
    label() { return this.name || window.lprLists.label(this, ${json(summary)}); },
    labelStyle() { return this.name ? 'node_label_italic' : ''; },
    outputLabels(index) { return this._('output.' + ${json(outputs)}[index]); },
    oneditprepare() { window.lprLists.fill(this, ${json(lists)}); },
  });
</script>
`;
}
