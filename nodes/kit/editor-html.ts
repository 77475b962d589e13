/** A node's form and palette entry, derived from its declaration. */
import type { Field, Fields, RefSource } from '../../core/fields.ts';
import type { NodeSpec } from './define-node.ts';

const COLOUR = '#9fd0c9';
export const CATEGORY = 'LPR';

/** Where a form's list comes from: address, and the keys of id and name in its items. */
const LISTS: Readonly<Record<RefSource, readonly [address: string, id: string, name: string]>> = {
  cameras: ['/api/v1/cameras', 'cameraId', 'name'],
  engines: ['/api/v1/engines', 'id', 'id'],
  blacklists: ['/api/v1/blacklists', 'blacklistId', 'name'],
  alertChannels: ['/api/v1/alert-channels', 'channelId', 'name'],
};

function input(key: string, field: Field<unknown>): string {
  const id = `node-input-${key}`;
  switch (field.kind) {
    case 'flag':
      return `<input type="checkbox" id="${id}" style="display:inline-block;width:auto;vertical-align:top">`;
    case 'choice': {
      const options = (field.options ?? []).map(
        (value) => `<option value="${value}" data-i18n="field.${key}.option.${value}"></option>`,
      );
      return `<select id="${id}" style="width:70%">${options.join('')}</select>`;
    }
    case 'ref':
      return `<select id="${id}" style="width:70%"></select>`;
    case 'number': {
      const bounds = [
        field.min === undefined ? '' : ` min="${field.min}"`,
        field.max === undefined ? '' : ` max="${field.max}"`,
      ].join('');
      const unit =
        field.unit === undefined ? '' : ` <span style="color:var(--red-ui-secondary-text-color)">${field.unit}</span>`;
      return `<input type="number" step="any" id="${id}"${bounds} style="width:110px">${unit}`;
    }
    default:
      return `<input type="${field.kind === 'secret' ? 'password' : 'text'}" id="${id}">`;
  }
}

function row(key: string, field: Field<unknown>, hasHelp: boolean): string {
  const help = hasHelp
    ? `<div class="form-tips" style="margin:2px 0 0 104px" data-i18n="field.${key}.help"></div>`
    : '';
  return `<div class="form-row"><label for="node-input-${key}" data-i18n="field.${key}.label"></label> ${input(key, field)}${help}</div>`;
}

function defaults(fields: Fields): string {
  const entries = Object.entries(fields as Record<string, Field<unknown>>).map(([key, field]) => {
    const parts = [`value: ${JSON.stringify(field.default)}`];
    if (field.required && field.kind !== 'number') parts.push('required: true');
    if (field.kind === 'number') {
      const least = field.min ?? '-Infinity';
      const most = field.max ?? 'Infinity';
      parts.push(`validate(v) { return v !== '' && !isNaN(v) && +v >= ${least} && +v <= ${most}; }`);
    }
    return `${key}: { ${parts.join(', ')} }`;
  });
  return `{ name: { value: '' }, ${entries.join(', ')} }`;
}

function lists(fields: Fields): string {
  const refs = Object.entries(fields as Record<string, Field<unknown>>).flatMap(([key, field]) => {
    const source = field.options?.[0] as RefSource | undefined;
    return field.kind === 'ref' && source !== undefined ? [[key, ...LISTS[source]]] : [];
  });
  if (refs.length === 0) return '';
  return `
    oneditprepare() {
      const node = this;
      for (const [key, address, id, name] of ${JSON.stringify(refs)}) {
        const select = $('#node-input-' + key);
        const add = (value, label) => $('<option>').val(value).text(label).appendTo(select);
        add('', node._('field.' + key + '.any'));
        $.getJSON(address).done(({ items }) => {
          for (const item of items) add(item[id], item[name]);
          if (node[key] && !items.some((item) => item[id] === node[key])) add(node[key], node._('field.' + key + '.gone'));
        }).fail(() => { if (node[key]) add(node[key], node[key]); }).always(() => select.val(node[key] || ''));
      }
    },`;
}

/** @param helped keys of fields whose catalogue has a help text */
export function editorHtml(spec: NodeSpec<any, any, any>, helped: ReadonlySet<string>): string {
  const fields = spec.fields as Record<string, Field<unknown>>;
  const form = [
    `<div class="form-row"><label for="node-input-name" data-i18n="node-red:common.label.name"></label> <input type="text" id="node-input-name"></div>`,
    ...Object.entries(fields).map(([key, field]) => row(key, field, helped.has(key))),
  ].join('\n');
  const outputs = spec.outputs as readonly string[];
  const summary = JSON.stringify(spec.summary ?? []);
  return `<script type="text/html" data-template-name="${spec.type}">
${form}
</script>
<script type="text/javascript">
  RED.nodes.registerType('${spec.type}', {
    category: '${CATEGORY}',
    color: '${spec.color ?? COLOUR}',
    icon: '${spec.icon}',
    defaults: ${defaults(spec.fields)},
    inputs: ${spec.accepts === 'source' ? 0 : 1},
    outputs: ${outputs.length},
    paletteLabel() { return this._('label'); },
    label() {
      if (this.name) return this.name;
      const parts = ${summary}.map((key) => this[key]).filter((value) => value !== '' && value !== undefined);
      return this._('label') + (parts.length > 0 ? ': ' + parts.join(', ') : '');
    },
    labelStyle() { return this.name ? 'node_label_italic' : ''; },
    outputLabels(index) { return this._('output.' + ${JSON.stringify(outputs)}[index]); },${lists(spec.fields)}
  });
</script>
`;
}
