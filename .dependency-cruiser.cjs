// The house rules on who may import whom (CONTRIBUTING.md, "The rooms").
// main, start and health are the composition root: they alone know every room.
const domain = '^core/(?!main|start|health|api|db|node-red|plugins|hub)';
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'The domain knows no framework; adapters know the domain.',
      from: { path: domain },
      to: {
        path: '^(nodes|plugins|admin-ui|migrations)/|^core/(api|db|node-red|main)|node_modules/(express|sequelize|node-red|@node-red|vue)/',
      },
    },
    {
      name: 'nodes-are-thin',
      severity: 'error',
      from: { path: '^nodes/' },
      to: {
        path: '^(plugins|admin-ui|core)/|node_modules/(express|sequelize)/',
        pathNot: '^core/(hub|message|errors|fields)',
      },
    },
    {
      name: 'only-the-kit-knows-node-red',
      severity: 'error',
      from: { path: '^nodes/(?!kit/)([^/]+)/' },
      to: { path: '^nodes/(?!kit/)[^/]+/|node_modules/(node-red|@node-red)/', pathNot: '^nodes/$1/' },
    },
    {
      name: 'plugins-see-one-door',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^(core|nodes|plugins|admin-ui)/', pathNot: '^core/plugins/define|^plugins/$1/' },
    },
    {
      name: 'admin-ui-shares-types-only',
      severity: 'error',
      from: { path: '^admin-ui/' },
      to: { path: '^(core|nodes|plugins|migrations)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'admin-ui-shares-the-contract-only',
      severity: 'error',
      from: { path: '^admin-ui/' },
      to: { path: '^(core|nodes|plugins|migrations)/', pathNot: '^core/api/contract' },
    },
    {
      name: 'nothing-imports-the-root',
      severity: 'error',
      from: { pathNot: '^core/(main|start)|^bench/' },
      to: { path: '^core/(main|start)' },
    },
    {
      name: 'migrations-stand-alone',
      severity: 'error',
      comment: 'A migration that imports a model changes when the model does.',
      from: { path: '^migrations/' },
      to: { path: '^(core|nodes|plugins)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: '\\.test\\.ts$|^nodes/\\.built/',
    doNotFollow: { path: 'node_modules' },
  },
};
