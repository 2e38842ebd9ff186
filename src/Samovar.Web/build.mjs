// Bundles what browsers get into dist/: the live page as three files, the report as one script and one style sheet to be put into a file.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const target = ['chrome120', 'firefox120', 'safari17'];
// The icon stands in the page, so that no browser asks the server for one.
const html = name => readFileSync(`${name}/index.html`, 'utf8')
  .replace('icon.svg', () => `data:image/svg+xml,${encodeURIComponent(readFileSync(`${name}/icon.svg`, 'utf8').trim())}`);

mkdirSync('dist', { recursive: true });
for (const name of ['page', 'report']) {
  await build({
    entryPoints: { [name]: `${name}/main.tsx` },
    outdir: 'dist',
    bundle: true,
    minify: true,
    format: name === 'page' ? 'esm' : 'iife',
    target,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'inline',
  });
  if (existsSync(`${name}/index.html`)) writeFileSync(`dist/${name}.html`, html(name));
}
