import { th as $vuetify } from 'vuetify/locale';
import shared from './th.json';
import { gathered } from './gathered.ts';

const pages = import.meta.glob<Record<string, unknown>>('../pages/*/th.json', { eager: true, import: 'default' });

export default { $vuetify, ...shared, ...gathered(pages) };
