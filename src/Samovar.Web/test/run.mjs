// Bundles test/*.test.ts and runs them: `npm test`. esbuild is the project's own, or the one that the .NET build installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = ['node_modules', join('obj', 'web', 'node_modules')]
  .map(folder => join(here, '..', folder))
  .find(folder => existsSync(join(folder, 'esbuild')));
if (!packages) throw new Error('esbuild is not installed: build Samovar.Web, or run npm ci in its folder.');
const { buildSync } = (await import(pathToFileURL(join(packages, 'esbuild', 'lib', 'main.js')).href)).default;
const output = mkdtempSync(join(tmpdir(), 'samovar-page-tests-'));
try {
  buildSync({
    entryPoints: readdirSync(here)
      .filter(name => name.endsWith('.test.ts'))
      .map(name => join(here, name)),
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    nodePaths: [packages],
    define: { WEB_FOLDER: JSON.stringify(join(here, '..')) },
  });
  const files = readdirSync(output).map(name => join(output, name));
  process.exitCode = spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(output, { recursive: true });
}
