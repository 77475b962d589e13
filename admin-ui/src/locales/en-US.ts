import { en as $vuetify } from 'vuetify/locale';
import shared from './en-US.json';
import { gathered } from './gathered.ts';

const pages = import.meta.glob<Record<string, unknown>>('../pages/*/en-US.json', { eager: true, import: 'default' });

export default { $vuetify, ...shared, ...gathered(pages) };
