/** Linting sees single-file components as plain components; vue-tsc resolves them itself. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}
