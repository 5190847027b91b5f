// The built files are served by our own server under this path; nothing is loaded from another host.
function sayWhatMatters(warning, say) {
  if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') {
    say(warning);
  }
}

export default {
  base: '/graphql-explorer/',
  logLevel: 'warn',
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 8000,
    rollupOptions: { onwarn: sayWhatMatters },
  },
  worker: { format: 'es' },
};
