import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

declare const WEB_FOLDER: string;

const css = readFileSync(`${WEB_FOLDER}/page/styles/theme.css`, 'utf8');
const colours = new Map(
  [...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(([, name, light, dark]) => [
    name!,
    [light!, dark!] as const,
  ]),
);

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright! + 0.05) / (dim! + 0.05);
}

const grounds = ['ground', 'panel', 'raised', 'active'];
const texts = ['ink', 'muted', 'accent', 'text-failed', 'text-prefill', 'text-decode', 'text-cached'];
const marks = ['queued', 'prefill', 'decode', 'cached', 'failed', 'tier-memory', 'tier-disk', 'tier-upstream', 'edge'];
const pairs: [string, string, number][] = [
  ...texts.flatMap(text => grounds.map((ground): [string, string, number] => [text, ground, 4.5])),
  ...marks.flatMap(mark => ['panel', 'ground'].map((ground): [string, string, number] => [mark, ground, 3])),
  ['on-accent', 'accent', 4.5],
  ['ink', 'warned', 4.5],
  ['ink', 'refused', 4.5],
  ['text-failed', 'refused', 4.5],
];

for (const [theme, at] of [
  ['light', 0],
  ['dark', 1],
] as const)
  test(`text and marks stand out from what they are on, in the ${theme} theme`, () => {
    for (const [front, back, least] of pairs) {
      const found = contrast(colours.get(front)![at], colours.get(back)![at]);
      assert.ok(found >= least, `--${front} on --${back}: ${found.toFixed(2)}, not ${least}`);
    }
  });

test('the contrast of black on white is 21', () => assert.equal(contrast('#000000', '#ffffff'), 21));

test('every colour stands in the theme, with one value for light and one for dark', () => {
  const others = ['page.css', 'styles/parts.css', 'styles/grid.css', 'styles/details.css', 'styles/notices.css'];
  for (const name of others) {
    const text = readFileSync(`${WEB_FOLDER}/page/${name}`, 'utf8');
    assert.doesNotMatch(text, /#[0-9a-f]{3,8}\b(?=[ ;,)])/i, name);
    for (const [, used] of text.matchAll(/var\(--([a-z-]+)\)/g))
      assert.ok(colours.has(used!) || ['mono', 'wide-gap'].includes(used!), `${name} uses --${used}`);
  }
});
