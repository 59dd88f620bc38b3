'use strict';
// Sources import './x.js' as Node wants it; in our own folders that file is './x.ts' or './x.tsx'.
module.exports = (request, options) => {
  if (/^\.{1,2}\/.*\.js$/.test(request) && !options.basedir.includes('/node_modules/')) {
    for (const extension of ['.ts', '.tsx']) {
      try {
        return options.defaultResolver(request.replace(/\.js$/, extension), options);
      } catch {
        // not that one
      }
    }
  }
  return options.defaultResolver(request, options);
};
