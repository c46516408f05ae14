/** `npm run package`: the Debian package, from what `npm run build` makes. */
throw new Error('not written yet');
