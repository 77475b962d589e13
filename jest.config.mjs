export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-strip-types.mjs' },
  testMatch: ['<rootDir>/{core,nodes,flows,plugins,migrations,scripts,bench,test,admin-ui/src}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/data/', '<rootDir>/nodes/.built/', '<rootDir>/admin-ui/dist/'],
  testTimeout: 60_000,
  maxWorkers: 2,
  // Node-RED inside a test keeps timers of its own after it was stopped.
  forceExit: true,
};
