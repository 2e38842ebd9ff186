// Bundles what browsers get into dist/: the live page as three files, the report as one script and one style sheet to be put into a file.
import { build } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';

const target = ['chrome120', 'firefox120', 'safari17'];
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
  if (existsSync(`${name}/index.html`)) copyFileSync(`${name}/index.html`, `dist/${name}.html`);
  if (existsSync(`${name}/icon.svg`)) copyFileSync(`${name}/icon.svg`, `dist/${name}.svg`);
}
